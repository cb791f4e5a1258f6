-- Why content of a prompt is not to be saved or made live by hand: its repository owns it, and says something else. Null:
-- nothing stands in the way.
create or replace function sluice.owner_problem(of_prompt text, content text) returns text language sql stable
  security definer set search_path = pg_catalog, pg_temp as $$
  select format('%s belongs to the repository %s (owner: git), whose %s says something else at commit %s: change it there',
    p.prompt, p.repository, p.path, left(m.commit, 12))
  from sluice.manifest_prompts p join sluice.manifests m on m.repository = p.repository
  where p.prompt = of_prompt and m.owner = 'git' and p.sha256 <> content
$$;
-- It reads with its owner's rights what services may not.
revoke all on function sluice.owner_problem(text, text) from public;
