-- Why a version may not be made live at a label yet, as of a moment: the label takes only what has been live at another
-- one for long enough, for whoever the scope is for. Null: nothing stands in the way.
create or replace function sluice.label_problem(
  at_label text, at_model text, at_tenant text, version uuid, as_of timestamptz
) returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  wanted sluice.labels;
  place record;
  since timestamptz;
  named text;
  of_prompt text;
begin
  select * into wanted from sluice.labels l where l.label = at_label and l.from_label is not null;
  if not found then return null; end if;
  select v.prompt, v.prompt || '@' || v.number into of_prompt, named from sluice.versions v where v.id = version;
  -- What these users get there is what the most specific scope that covers them serves.
  select p.model, p.tenant into place from sluice.pointers p
  where p.label = wanted.from_label and p.prompt = of_prompt and p.active_version is not null
    and p.model in (at_model, '') and p.tenant in (at_tenant, '')
  order by p.model <> '' and p.tenant <> '' desc, p.model <> '' desc, p.tenant <> '' desc limit 1;
  if found then
    since := sluice.live_since(wanted.from_label, of_prompt, place.model, place.tenant, version, as_of);
  end if;
  if since is null then
    return format('%s takes only what is live at %s first, and %s is not', at_label, wanted.from_label, named);
  end if;
  if since + wanted.live_for_ms * interval '1 millisecond' > as_of then
    return format('%s takes only what has been live at %s for long enough: %s may go there from %s on', at_label,
      wanted.from_label, named, to_char(
        (since + wanted.live_for_ms * interval '1 millisecond') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  end if;
  return null;
end $$;
-- It reads with its owner's rights what services may not.
revoke all on function sluice.label_problem(text, text, text, uuid, timestamptz) from public;
