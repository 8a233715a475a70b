import { openReader } from '#scripts/verify/readers.ts';
import { addsUp, booksIn, soldIn, type Book } from '#scripts/verify/stock.ts';

/** Products whose stock does not add up, recomputed from the audit trail, not from the counters that a CHECK guards. */
export async function inventoryBooks(inventoryUrl: string): Promise<Book[]> {
  return (await booksOf(inventoryUrl)).filter((book) => !addsUp(book));
}

/** Products whose stock does not add up, or of which other pieces have left than confirmed orders have. */
export async function stockBooks(urls: { readonly inventory: string; readonly order: string }): Promise<Book[]> {
  const books = await booksOf(urls.inventory);
  await using order = openReader(urls.order);
  const sold = await soldIn(
    order,
    books.map(({ key }) => key),
  );
  return books.filter((book) => !addsUp(book) || book.left !== (sold.get(book.key) ?? 0));
}

async function booksOf(url: string): Promise<Book[]> {
  await using inventory = openReader(url);
  const books: Book[] = [];
  for await (const batch of booksIn(inventory)) books.push(...batch);
  return books;
}
