import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { licenceOf, parseModules, recognise } from './supply-chain-go.mjs';

describe('the modules of a binary', () => {
  it('are those that were really built, not those they stood in for', () => {
    const text = [
      '/cache/bin/kubectl: go1.26.8',
      '\tpath\tk8s.io/kubernetes/cmd/kubectl',
      '\tmod\tk8s.io/kubernetes\tv1.36.3\th1:qD=',
      '\tdep\tgithub.com/beorn7/perks\tv1.0.1\th1:Vl=',
      '\tdep\tk8s.io/api\tv0.0.0',
      '\t=>\tk8s.io/api\tv0.36.3\th1:aa=',
      '\tbuild\t-compiler=gc',
    ].join('\n');
    expect(parseModules(text)).toEqual({
      go: '1.26.8',
      main: { path: 'k8s.io/kubernetes', version: 'v1.36.3' },
      modules: [
        { path: 'github.com/beorn7/perks', version: 'v1.0.1' },
        { path: 'k8s.io/api', version: 'v0.36.3' },
      ],
    });
  });

  it('are not made up for a file that names none', () => {
    expect(parseModules('/bin/true: could not read Go build info')).toBeUndefined();
  });
});

describe('the licence of a module', () => {
  it.each([
    ['MIT', 'Permission is hereby granted, free of charge, to any\r\nperson obtaining a copy'],
    ['Apache-2.0', '   Apache License\n        Version 2.0, January 2004'],
    ['BSD-3-Clause', 'Redistribution and use in source\nand binary forms, …\nNeither the name of'],
    ['BSD-2-Clause', 'Redistribution and use in source and binary forms, …'],
    // Its text names the GPL as one that it goes together with.
    ['MPL-2.0', 'Mozilla Public License Version 2.0 … the GNU General Public License, Version 2.0'],
    ['AGPL-3.0', 'GNU AFFERO GENERAL PUBLIC LICENSE Version 3 … GNU General Public License'],
    [undefined, 'All rights reserved.'],
  ])('is %s', (licence, text) => {
    expect(recognise(text)).toBe(licence);
  });

  it('is read from the module cache, where capitals are written with a mark', async () => {
    const cache = mkdtempSync(path.join(tmpdir(), 'samband-modules-'));
    try {
      const folder = path.join(cache, 'github.com/!burnt!sushi/toml@v1.4.0');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        path.join(folder, 'COPYING'),
        'Permission is hereby granted, free of charge, to any person obtaining a copy',
      );
      expect(await licenceOf(cache, { path: 'github.com/BurntSushi/toml', version: 'v1.4.0' })).toBe('MIT');
      expect(
        await licenceOf(cache, { path: 'github.com/BurntSushi/toml', version: 'v1.5.0' }),
      ).toBeUndefined();
    } finally {
      rmSync(cache, { recursive: true });
    }
  });
});
