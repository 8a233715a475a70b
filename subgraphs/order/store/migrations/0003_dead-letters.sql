DROP INDEX "event_ledger_record";--> statement-breakpoint
ALTER TABLE "event_ledger" ADD COLUMN "interventions" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "event_ledger_dead_letters" ON "event_ledger" USING btree ("durable","settled_at","event_id") WHERE "event_ledger"."state" = 'DEAD_LETTERED';--> statement-breakpoint
CREATE INDEX "event_ledger_record" ON "event_ledger" USING btree ("durable","record","position") WHERE "event_ledger"."state" NOT IN ('APPLIED', 'SUPERSEDED', 'DISCARDED');