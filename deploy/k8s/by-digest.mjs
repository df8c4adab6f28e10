/**
 * Reads manifests, and ends with 1 if an image is named by a tag, which can be another image
 * tomorrow: kubectl kustomize OVERLAY | node deploy/k8s/by-digest.mjs
 */
import { readFileSync } from 'node:fs';

const manifests = readFileSync(0, 'utf8');
const images = [...manifests.matchAll(/^\s*(?:- )?image(?:Name)?: ["']?([^\s"']+)/gm)];
const named = [...new Set(images.map(([, image]) => image))];
const open = named.filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image));
for (const image of open) process.stdout.write(`${image}\n`);
process.stdout.write(
  open.length > 0
    ? `${open.length} of ${named.length} images have no digest: kustomize edit set image NAME=NAME@sha256:...\n`
    : `All ${named.length} images are named by digest.\n`,
);
process.exitCode = open.length > 0 || named.length === 0 ? 1 : 0;
