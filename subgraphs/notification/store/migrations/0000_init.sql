CREATE TABLE "documents" (
	"collection" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revision" integer NOT NULL,
	"labels" jsonb NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "documents_collection_id_pk" PRIMARY KEY("collection","id")
);
--> statement-breakpoint
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
CREATE TABLE "service_state" (
	"name" text PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "documents_by_time" ON "documents" USING btree ("collection","created_at","id");--> statement-breakpoint
CREATE INDEX "documents_by_owner" ON "documents" USING btree ("collection",("labels" ->> 'owner'),"created_at","id") WHERE ("documents"."labels" ->> 'owner') IS NOT NULL;--> statement-breakpoint
CREATE INDEX "documents_by_unread" ON "documents" USING btree ("collection",("labels" ->> 'unread'),"created_at","id") WHERE ("documents"."labels" ->> 'unread') IS NOT NULL;--> statement-breakpoint
CREATE INDEX "documents_by_work" ON "documents" USING btree ("collection",("labels" ->> 'work'),"created_at","id") WHERE ("documents"."labels" ->> 'work') IS NOT NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_open" ON "event_ledger" USING btree ("durable","position") WHERE "event_ledger"."settled_at" IS NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_record" ON "event_ledger" USING btree ("durable","record","position") WHERE "event_ledger"."state" NOT IN ('APPLIED', 'SUPERSEDED');--> statement-breakpoint
CREATE INDEX "event_ledger_settled" ON "event_ledger" USING btree ("durable","settled_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_index" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_position" ON "outbox" USING btree ("position");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_event" ON "outbox" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "outbox_unstamped" ON "outbox" USING btree ("seq") WHERE "outbox"."position" IS NULL;