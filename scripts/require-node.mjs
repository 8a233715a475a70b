// Plain JavaScript, so that an old Node can run it and say what is wrong instead of failing on TypeScript.
const needed = 24;
const found = Number(process.versions.node.split('.')[0]);
if (found < needed) {
  console.error(
    `Lockstep runs on Node ${needed}, which its npm package "node" brings; this is Node ${process.versions.node}. ` +
      'Run "npm ci" with install scripts on (npm 12 asks for allowScripts, which package.json sets), or install Node 24.',
  );
  process.exit(78);
}
