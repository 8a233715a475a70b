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
CREATE INDEX "event_ledger_open" ON "event_ledger" USING btree ("durable","position") WHERE "event_ledger"."settled_at" IS NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_record" ON "event_ledger" USING btree ("durable","record","position") WHERE "event_ledger"."state" NOT IN ('APPLIED', 'SUPERSEDED');--> statement-breakpoint
CREATE INDEX "event_ledger_settled" ON "event_ledger" USING btree ("durable","settled_at");