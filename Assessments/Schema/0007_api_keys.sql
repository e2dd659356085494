-- Keys of those who ask the API. Of a key only its hash is kept: who reads this table can't ask with it.

create table api_keys (
  key_id text primary key,
  name text not null,
  key_hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- A revoked key stays as a record, and its name can be used again.
create unique index api_keys_name on api_keys (name) where revoked_at is null;
