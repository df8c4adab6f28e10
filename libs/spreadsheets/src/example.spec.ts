import { expect, it } from '@jest/globals';
import { amountOf, decode, readSheet, writeCsv, type Columns } from './index.js';

const file = Buffer.from('Due in May;\nID;Owed\n=1;1.234,50\n2;10,00;x\n');

it('reads a file of another country and writes what it refuses', () => {
  const people: Columns = { what: 'people', needed: ['id', 'owed'], others: [] };
  const { rows, broken } = readSheet(decode(file), [people]);
  const owed = rows.map(({ values }) => amountOf(values['owed']!, 'EUR'));
  const refused = writeCsv(broken.map(({ line, reason, raw }) => [String(line), reason, raw]));

  expect(owed).toEqual([{ value: 123_450 }]);
  expect(refused).toBe('\uFEFF4,cell 3 is below no name,"2;10,00;x"\r\n');
});
