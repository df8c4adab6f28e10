import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Delete, Get, Patch, Put } from '@nestjs/common';
import { z } from 'zod';
import { startApiWorld } from '../testing/api-world.js';
import { API_CONTROLLERS } from './application.js';
import { pageOf } from './docs/page.js';
import { openApiOf } from './openapi.js';
import { Ask, Operation, type Asked } from './operation.js';

const NoteAnswer = z.object({ clipId: z.string(), times: z.int() }).meta({ id: 'Note' });
const Note = z.strictObject({ text: z.string().min(1) });
const note = { roles: ['admin'], status: 200, answer: NoteAnswer } as const;
const times = new Map<string, number>();
const written = (by: string, { params }: Asked) => {
  times.set(by, (times.get(by) ?? 0) + 1);
  return { clipId: params['id'], times: times.get(by) };
};

@Controller('clips')
class NotesController {
  @Put(':id/note')
  @Operation({ ...note, summary: 'Write a note', body: Note })
  put(@Ask() asked: Asked) {
    return written('PUT', asked);
  }

  @Patch(':id/note')
  @Operation({ ...note, summary: 'Change a note', body: Note })
  patch(@Ask() asked: Asked) {
    return written('PATCH', asked);
  }

  @Delete(':id/note')
  @Operation({ ...note, summary: 'Delete a note' })
  delete(@Ask() asked: Asked) {
    return written('DELETE', asked);
  }
}

describe('PUT, PATCH and DELETE', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    API_CONTROLLERS.push(NotesController);
    world = await startApiWorld();
  });
  afterAll(async () => {
    API_CONTROLLERS.pop();
    await world.close();
  });
  const path = '/clips/youtube-dQw4w9WgXcQ/note';
  const body = { text: 'a sound is missing' };

  it.each(['PUT', 'PATCH', 'DELETE'])(
    '%s: its body is checked, and with an Idempotency-Key it happens once',
    async (method) => {
      const sending = method === 'DELETE' ? {} : { body };
      const wrong = await world.send(method, path, { body: { words: '' } });
      expect([wrong.status, wrong.body.code]).toEqual([400, 'malformed']);
      const other = await world.send(method, path, { raw: '{}', type: 'text/plain' });
      expect([other.status, other.body.code]).toEqual([415, 'not_json']);
      for (let i = 0; i < 2; i++) {
        const answer = await world.send(method, path, { ...sending, key: `key-${method}` });
        expect(answer).toMatchObject({
          status: 200,
          body: { clipId: 'youtube-dQw4w9WgXcQ', times: 1 },
        });
      }
      const again = await world.send(method, path, sending);
      expect(again.body.times).toBe(2);
    },
  );

  it('a key that a PUT has used is refused to a DELETE of the same path', async () => {
    const answer = await world.send('DELETE', path, { key: 'key-PUT' });
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('the document and the page have them as they have POST', async () => {
    const { paths } = (await world.get('/openapi.json')).body;
    const operations = paths['/clips/{id}/note'];
    expect(Object.keys(operations)).toEqual(['put', 'patch', 'delete']);
    for (const [method, operation] of Object.entries<typeof operations>(operations)) {
      expect(operation.operationId).toBe(`${method}Clip`);
      const parameters: { name: string }[] = operation.parameters;
      expect(parameters.map(({ name }) => name).toSorted()).toEqual(['Idempotency-Key', 'id']);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['200', '202', '400', '404', '409', '415', '422']),
      );
      expect(operation.requestBody === undefined).toBe(method === 'delete');
    }
    const page: string = (await world.get('/docs')).body;
    const requests = page.replaceAll('&quot;', '"').match(/curl "[^<]+\/note"[^<]+/g);
    const head = 'curl "$API/clips/youtube-dQw4w9WgXcQ/note"';
    const headers = '-H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(uuidgen)"';
    expect(requests?.map((request) => request.replaceAll(/[\\\s]+/g, ' '))).toEqual([
      `${head} -X PUT ${headers} --json '{ "text": "The hashtag is in the first comment." }'`,
      `${head} -X PATCH ${headers} --json '{ "text": "The hashtag is in the first comment." }'`,
      `${head} -X DELETE ${headers}`,
    ]);
  });
});

describe('an id in a path', () => {
  const documentOf = (segment: string) => {
    @Controller(segment)
    class Things {
      @Get(':id')
      @Operation({ ...note, summary: 'Show a thing' })
      show() {
        return null;
      }
    }
    return openApiOf([Things]);
  };

  it('is described by the field that the path begins with', () => {
    const document = documentOf('webhook-endpoints');
    expect(document.paths['/webhook-endpoints/{id}']!['get']!.parameters).toMatchObject([
      { name: 'id', in: 'path', required: true, description: 'The endpoint of webhooks.' },
    ]);
    expect(pageOf(document)).toContain('$API/webhook-endpoints/wh-');
  });

  it('of which nothing is known stops the service with the way out', () => {
    expect(() => documentOf('paper-hats')).toThrow(
      'The OpenAPI document cannot say what :id is in /paper-hats/:id: add "hatId" to FIELDS in docs/fields.ts.',
    );
  });
});
