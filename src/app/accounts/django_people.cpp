#include "app/accounts/django_people.hpp"

#include <algorithm>

#include <pqxx/pqxx>

#include "app/accounts/users.hpp"
#include "app/sql.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

// Of a stock Django: nothing is known but a name.
constexpr const char* kStockQuery =
    "select id, password, is_active, coalesce(nullif(first_name, ''), username), "
    "null::text[], '', null::text[] from auth_user where id = $1::int";

// A list in the site's own form: an array, or text with commas.
std::string list_of(const pqxx::field& field) {
  if (field.is_null()) return "";
  const json::value value = json_of(field);
  if (value.is_string()) return std::string(value.get_string());
  return value.is_array() ? joined(texts(value)) : "";
}

}  // namespace

DjangoPeople::DjangoPeople(const Env& env, redis::Client& redis, postgres::Database& theirs,
                           postgres::Database& ours, DjangoOptions options)
    : env_(env),
      theirs_(theirs),
      ours_(ours),
      options_(std::move(options)),
      sessions_(env, redis, options_.sessions) {
  if (options_.user_query.empty()) options_.user_query = kStockQuery;
}

awaitable<std::optional<auth::Session>> DjangoPeople::resume(std::string cookie) {
  if (!auth::is_django_key(cookie)) co_return std::nullopt;
  const std::optional<json::object> data = co_await sessions_.read(cookie);
  if (!data) co_return std::nullopt;
  const std::optional<auth::DjangoLogin> login = auth::django_login(*data);
  const auto id = login ? parse_user_id(login->user_id) : std::nullopt;
  if (!id || id->value >= kFirstOwnId) co_return std::nullopt;
  std::optional<Row> row = co_await find(login->user_id);
  if (!row || !row->is_active || row->id != *id) co_return std::nullopt;
  if (!auth::accepts(options_.site, *login, row->password)) co_return std::nullopt;
  co_await take_over(std::move(*row));
  SessionId session{std::move(cookie)};
  co_return auth::Session{*id, auth::session_hash(session), 0, "", session.text()};
}

awaitable<std::vector<bool>> DjangoPeople::hold(std::vector<auth::Session> sessions) {
  std::vector<std::string> keys;
  for (const auth::Session& session : sessions) keys.push_back(session.django_key);
  const std::vector<std::optional<json::object>> stored =
      co_await sessions_.read_many(std::move(keys));
  std::vector<std::optional<auth::DjangoLogin>> logins;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    std::optional<auth::DjangoLogin> login;
    if (stored[i]) login = auth::django_login(*stored[i]);
    if (login && parse_user_id(login->user_id) != sessions[i].user) login.reset();
    logins.push_back(std::move(login));
  }
  std::function<std::vector<bool>(pqxx::work&)> work = [query = options_.user_query,
                                                        site = options_.site,
                                                        logins = std::move(logins)](pqxx::work& w) {
    std::vector<bool> hold;
    for (const std::optional<auth::DjangoLogin>& login : logins) {
      std::optional<Row> row;
      if (login) row = select_row(w, query, login->user_id);
      hold.push_back(row && row->is_active && parse_user_id(login->user_id) == row->id &&
                     auth::accepts(site, *login, row->password));
    }
    return hold;
  };
  co_return co_await theirs_.run(std::move(work));
}

std::optional<DjangoPeople::Row> DjangoPeople::select_row(pqxx::work& work,
                                                          const std::string& query,
                                                          const std::string& id) {
  const pqxx::result rows = work.exec_params(
      "select q.id::text, q.password::text, q.is_active::boolean, q.name::text, "
      "to_json(q.languages)::text, lower(q.region::text), to_json(q.slugs)::text from (" +
          query + ") q (id, password, is_active, name, languages, region, slugs)",
      id);
  if (rows.size() != 1) return std::nullopt;
  const auto& found = rows[0];
  const auto user = parse_user_id(found[0].c_str());
  if (!user) return std::nullopt;
  return Row{*user,
             found[1].as<std::string>(""),
             found[2].as<bool>(false),
             found[3].as<std::string>(""),
             list_of(found[4]),
             found[5].as<std::string>(""),
             list_of(found[6])};
}

awaitable<std::optional<DjangoPeople::Row>> DjangoPeople::find(std::string id) {
  using Outcome = std::optional<Row>;
  std::function<Outcome(pqxx::work&)> work = [query = options_.user_query,
                                              id](pqxx::work& w) -> Outcome {
    return select_row(w, query, id);
  };
  co_return co_await theirs_.run(std::move(work));
}

// What does not fit our columns is left out rather than refused: the person is let in.
awaitable<void> DjangoPeople::take_over(Row row) {
  const std::string all = row.display_name + "\n" + row.languages + "\n" + row.region + "\n" +
                          row.slugs + "\n" + (options_.adults ? "adults" : "");
  const std::string mark = to_hex(bytes(sha256(all)));
  std::function<void(pqxx::work&)> work = [row = std::move(row), mark,
                                           adults = options_.adults](pqxx::work& w) {
    const pqxx::result same =
        w.exec_params("select 1 from users where id = $1 and site_mark = $2", row.id.value, mark);
    if (!same.empty()) return;
    w.exec_params(
        "insert into users as u (id, display_name, languages, region, adult, site_mark) "
        "overriding system value select $1::bigint, "
        "coalesce(nullif(btrim(left(regexp_replace($2::text, '[\\u0001-\\u001f\\u007f]', '', 'g'), "
        "64)), ''), 'Guest ' || $1::bigint), "
        "coalesce((select array_agg(l.l order by l.n) from (select btrim(x.l) as l, x.n from "
        "unnest(string_to_array($3::text, ',')) with ordinality x(l, n) "
        "where btrim(x.l) ~ '^[a-z]{2,3}$' limit 8) l), '{en}'), "
        "case when $4::text ~ '^[a-z0-9]{1,16}$' then $4::text else '' end, $5::boolean, $6::text "
        "on conflict (id) do update set display_name = excluded.display_name, "
        "languages = excluded.languages, region = excluded.region, "
        "adult = u.adult or excluded.adult, site_mark = excluded.site_mark",
        row.id.value, row.display_name, row.languages, row.region, adults, mark);
    w.exec_params("delete from user_interests where user_id = $1", row.id.value);
    w.exec_params(
        "insert into user_interests (user_id, interest_id, position) "
        "select $1, i.id, min(s.n) - 1 from unnest(string_to_array($2::text, ',')) "
        "with ordinality s(slug, n) join interests i on i.slug = btrim(s.slug) "
        "group by i.id order by min(s.n) limit 10",
        row.id.value, row.slugs);
  };
  co_await ours_.run(std::move(work));
}

}  // namespace seendr::app
