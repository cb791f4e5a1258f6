-- Which versions include another one: asked by prompt, and by prompt and number.
create index versions_by_include on sluice.versions using gin ((artifact -> 'includes') jsonb_path_ops)
  where artifact ? 'includes';
