import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { Type } from '@nestjs/common';
import 'reflect-metadata';
import { METHODS, type Method } from './methods.js';
import { OPERATION, type OperationSpec } from './operation.js';

export interface Route {
  method: Method;
  /** As Nest has it: `/clips/:id`. */
  path: string;
  /** The handler's name in its controller. */
  name: string;
  spec: OperationSpec;
}

/** Every operation of the controllers, as their decorators say it. */
export function routesOf(controllers: readonly Type[]): Route[] {
  return controllers.flatMap((controller) => {
    const prefix = Reflect.getMetadata(PATH_METADATA, controller) as string;
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      if (name === 'constructor') return [];
      const handler = (controller.prototype as Record<string, object>)[name]!;
      const spec = Reflect.getMetadata(OPERATION, handler) as OperationSpec | undefined;
      if (!spec) return [];
      const own = Reflect.getMetadata(PATH_METADATA, handler) as string;
      const verb = Reflect.getMetadata(METHOD_METADATA, handler) as keyof typeof METHODS;
      const parts = [prefix, own].flatMap((part) => part.split('/')).filter(Boolean);
      return [{ method: METHODS[verb], path: `/${parts.join('/')}`, name, spec }];
    });
  });
}
