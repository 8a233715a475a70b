CREATE TABLE "bus_cursors" (
	"durable" text NOT NULL,
	"source" text NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "bus_cursors_durable_source_pk" PRIMARY KEY("durable","source")
);
--> statement-breakpoint
CREATE TABLE "bus_events" (
	"source" text NOT NULL,
	"position" bigint NOT NULL,
	"event" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "bus_events_source_position_pk" PRIMARY KEY("source","position")
);
--> statement-breakpoint
CREATE TABLE "bus_sources" (
	"source" text PRIMARY KEY NOT NULL,
	"head" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "bus_events_source_published_at_index" ON "bus_events" USING btree ("source","published_at");