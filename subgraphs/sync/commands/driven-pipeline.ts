import { refused, type Outcome } from '#shared/refusal.ts';
import { PIPELINES, type Pipeline } from '../domain/pipeline.ts';

export type PipelineErrorCode = 'PIPELINE_NOT_FOUND' | 'PIPELINE_NOT_DRIVEN';

/** The pipeline with this id, for who would change what it does; or why nothing can be done about it. */
export function drivenPipeline(id: string): Pipeline | Outcome<never, PipelineErrorCode> {
  const pipeline = PIPELINES.find((candidate) => candidate.id === id);
  if (pipeline === undefined) return refused('PIPELINE_NOT_FOUND', 'There is no such pipeline.', 'pipeline');
  if (pipeline.driven) return pipeline;
  return refused('PIPELINE_NOT_DRIVEN', `The ${pipeline.target} service takes these records by itself.`, 'pipeline');
}
