import type { Part, StackContext } from '../part.js';
import { api } from './api.js';
import { controller } from './controller.js';
import { etcd } from './etcd.js';
import { kubeApiserver } from './kube-apiserver.js';
import { kubeControllerManager } from './kube-controller-manager.js';
import { temporal } from './temporal.js';
import { worker } from './worker.js';

/** All parts, in the order in which they are listed on screen. */
export function allParts(context: StackContext): Part[] {
  return [etcd, kubeApiserver, kubeControllerManager, temporal, worker, controller, api].map((make) =>
    make(context),
  );
}
