DROP INDEX "event_ledger_record";--> statement-breakpoint
ALTER TABLE "event_ledger" ADD COLUMN "interventions" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "pipeline_progress" ADD COLUMN "discarded" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "record_syncs" ADD COLUMN "discarded_revision" bigint;--> statement-breakpoint
CREATE INDEX "event_ledger_dead_letters" ON "event_ledger" USING btree ("durable","settled_at","event_id") WHERE "event_ledger"."state" = 'DEAD_LETTERED';--> statement-breakpoint
CREATE INDEX "record_syncs_discarded" ON "record_syncs" USING btree ("entity","target") WHERE "record_syncs"."discarded_revision" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_record" ON "event_ledger" USING btree ("durable","record","position") WHERE "event_ledger"."state" NOT IN ('APPLIED', 'SUPERSEDED', 'DISCARDED');