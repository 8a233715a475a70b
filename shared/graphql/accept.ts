import { MIMEType } from 'node:util';

/** One of the types that a client takes. */
export interface MediaRange {
  readonly media: MIMEType;
  /** How much the client wants it, from 0 (not at all) to 1. */
  readonly quality: number;
  /** Where it stands in the header. */
  readonly position: number;
}

interface Fit extends MediaRange {
  readonly specificity: number;
}

const ANY = '*';

/**
 * Which of the offered media types a client would rather have, by its `Accept` header; undefined when it takes none of them. Without a header
 * it is the first. Of two that are wanted alike it is the one that the header names more exactly, then the one that it names first.
 *
 * Follows RFC 9110 §12.5.1: of the ranges that an offer fits, the most exact one says how much it is wanted.
 */
export function preferredMediaType(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = readRanges(accept);
  const fits = offered.flatMap((offer) => {
    const fit = mostExact(ranges, new MIMEType(offer));
    return fit !== undefined && fit.quality > 0 ? [{ offer, ...fit }] : [];
  });
  const [first] = fits.toSorted(
    (a, b) => b.quality - a.quality || b.specificity - a.specificity || a.position - b.position,
  );
  return first?.offer;
}

/** The types of an `Accept` header. A comma within quotes separates nothing; what is no media type is passed over. */
export function readRanges(accept: string): MediaRange[] {
  const parts = accept.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  return parts.flatMap((part, position) => {
    const media = mediaType(part.trim());
    if (media === undefined) return [];
    const quality = Number(media.params.get('q') ?? 1);
    media.params.delete('q');
    return [{ media, quality, position }];
  });
}

function mediaType(text: string): MIMEType | undefined {
  try {
    return new MIMEType(text);
  } catch {
    return undefined;
  }
}

function mostExact(ranges: readonly MediaRange[], offer: MIMEType): Fit | undefined {
  const fits = ranges.flatMap((range) => {
    const specificity = specificityFor(offer, range.media);
    return specificity === undefined ? [] : [{ ...range, specificity }];
  });
  return fits.toSorted((a, b) => b.specificity - a.specificity)[0];
}

/** How exactly a range names the offer: by nothing, its type, its subtype, and each parameter; undefined when it names another. */
function specificityFor(offer: MIMEType, { type, subtype, params }: MIMEType): number | undefined {
  if (type === ANY) return 0;
  if (type !== offer.type) return undefined;
  if (subtype === ANY) return 1;
  if (subtype !== offer.subtype) return undefined;
  const asked = [...params];
  const fits = asked.every(([name, value]) => offer.params.get(name)?.toLowerCase() === value.toLowerCase());
  return fits ? 2 + asked.length : undefined;
}
