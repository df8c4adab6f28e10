import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { OpenAPIClientAxios, type Document, type OpenAPIClient } from 'openapi-client-axios';

const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;
const pointerPart = (part: string) =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

/**
 * A client that is made from nothing but the document, as another company's would be; every answer
 * that it gets is compared with what the document promises.
 */
export async function generatedClient(
  document: Document,
  url: string,
  token: string,
): Promise<OpenAPIClient> {
  const made = new OpenAPIClientAxios({ definition: document, withServer: { url } });
  const client = await made.init();
  client.defaults.headers.common['authorization'] = `Bearer ${token}`;
  const ajv = schemasOf(document);
  client.interceptors.response.use((response) => {
    const { method, url: asked } = response.config;
    const path = new URL(asked!, url).pathname;
    const template = templateOf(document, path);
    const pointer = [
      'paths',
      template,
      method!,
      'responses',
      String(response.status),
      'content',
      'application/json',
      'schema',
    ];
    const validate = ajv.getSchema(`cliptally#/${pointer.map(pointerPart).join('/')}`);
    if (!validate) throw new Error(`${method} ${template} has no schema for ${response.status}.`);
    if (!validate(response.data))
      throw new Error(
        `${method} ${template}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(response.data)}`,
      );
    return response;
  });
  return client;
}

const compiled = new WeakMap<Document, Ajv2020>();
/** One for all clients of a document: to compile its schemas takes longer than most requests. */
function schemasOf(document: Document): Ajv2020 {
  const known = compiled.get(document);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'cliptally', ...document }, 'cliptally');
  compiled.set(document, ajv);
  return ajv;
}

/** The path of the document that an address has; one without a parameter first. */
function templateOf({ paths }: Document, path: string): string {
  const fitting = Object.keys(paths!).filter((one) =>
    new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return fitting.find((one) => one === path) ?? fitting[0]!;
}
