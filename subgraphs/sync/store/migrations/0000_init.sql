CREATE TABLE "event_ledger" (
	"durable" text NOT NULL,
	"event_id" uuid NOT NULL,
	"source" text NOT NULL,
	"position" bigint NOT NULL,
	"record" text NOT NULL,
	"revision" bigint NOT NULL,
	"event" jsonb NOT NULL,
	"state" text DEFAULT 'PENDING' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_error" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "event_ledger_durable_event_id_pk" PRIMARY KEY("durable","event_id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"field" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"outcome" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_caller_field_key_pk" PRIMARY KEY("caller","field","key")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"position" bigint,
	"event_id" uuid NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"revision" bigint NOT NULL,
	"owner_id" text,
	"data" jsonb NOT NULL,
	"correlation_id" text,
	"traceparent" text,
	"occurred_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pipeline_progress" (
	"pipeline" text PRIMARY KEY NOT NULL,
	"applied" bigint DEFAULT 0 NOT NULL,
	"superseded" bigint DEFAULT 0 NOT NULL,
	"dead_lettered" bigint DEFAULT 0 NOT NULL,
	"last_error" text,
	"failing_since" timestamp with time zone,
	"last_synced_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "record_syncs" (
	"entity" text NOT NULL,
	"record_id" text NOT NULL,
	"target" text NOT NULL,
	"owner_id" text,
	"source_revision" bigint NOT NULL,
	"target_revision" bigint,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"last_error" text,
	"unsynced_since" timestamp with time zone,
	CONSTRAINT "record_syncs_entity_record_id_target_pk" PRIMARY KEY("entity","record_id","target")
);
--> statement-breakpoint
CREATE TABLE "service_state" (
	"name" text PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "event_ledger_open" ON "event_ledger" USING btree ("durable","position") WHERE "event_ledger"."settled_at" IS NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_record" ON "event_ledger" USING btree ("durable","record","position") WHERE "event_ledger"."state" NOT IN ('APPLIED', 'SUPERSEDED');--> statement-breakpoint
CREATE INDEX "event_ledger_settled" ON "event_ledger" USING btree ("durable","settled_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_index" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_position" ON "outbox" USING btree ("position");--> statement-breakpoint
CREATE INDEX "outbox_unstamped" ON "outbox" USING btree ("seq") WHERE "outbox"."position" IS NULL;--> statement-breakpoint
CREATE INDEX "record_syncs_unsynced" ON "record_syncs" USING btree ("unsynced_since","record_id","target") WHERE "record_syncs"."unsynced_since" IS NOT NULL;