import type { ColumnMetaData, FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/**
 * Walks over the heads of all pages before any is decoded. The decoder believes them: a page of negative size would
 * lead it back to itself for ever, and a claim of many values makes it fill as many places.
 *
 * @param maxValues of one column, in all its pages
 * @throws RangeError where the pages are not those of the file's own table of contents
 */
export function checkPages(bytes: Buffer, { row_groups }: FileMetaData, maxValues: number): void {
  const values = new Map<string, number>();
  for (const { columns } of row_groups) {
    for (const { meta_data } of columns) {
      if (meta_data === undefined)
        throw new RangeError('checkPages: expected the metadata of a column, got none');
      const column = meta_data.path_in_schema.join('\n');
      const total = (values.get(column) ?? 0) + countValues(bytes, meta_data);
      if (!(total <= maxValues))
        throw new RangeError(`checkPages: expected at most ${maxValues} values, got more`);
      values.set(column, total);
    }
  }
}

function countValues(bytes: Buffer, column: ColumnMetaData): number {
  const begin = Number(column.dictionary_page_offset || column.data_page_offset);
  const size = Number(column.total_compressed_size);
  if (!(begin >= 4 && size >= 0 && begin + size <= bytes.length)) {
    throw new RangeError('checkPages: expected a column inside of the file, got another place');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + begin, size);
  const reader = { view, offset: 0 };
  let values = 0;
  // As the decoder does: a last byte alone is no page.
  while (reader.offset < size - 1) {
    const head = parquetHeader(reader);
    const own = head.data_page_header?.num_values ?? head.data_page_header_v2?.num_values ?? 0;
    const dictionary = head.dictionary_page_header?.num_values ?? 0;
    const levels = head.data_page_header_v2;
    const sizes = [
      head.compressed_page_size,
      head.uncompressed_page_size,
      own,
      dictionary,
      levels?.num_nulls ?? 0,
      levels?.definition_levels_byte_length ?? 0,
      levels?.repetition_levels_byte_length ?? 0,
    ];
    if (!sizes.every((one) => Number.isSafeInteger(one) && one >= 0)) {
      throw new RangeError('checkPages: expected sizes from 0 on, got others');
    }
    reader.offset += head.compressed_page_size;
    if (reader.offset > size)
      throw new RangeError('checkPages: expected a whole page, got the beginning of one');
    values += own + dictionary;
  }
  return values;
}
