#include "app/profiles.hpp"

#include <pqxx/pqxx>

#include "app/sql.hpp"

namespace seendr::app {

namespace {

const std::string kProfileJson =
    "json_build_object('id', u.id::text, 'display_name', u.display_name, 'languages', u.languages, "
    "'region', u.region, 'interests', coalesce((select json_agg(i.slug order by ui.position) "
    "from user_interests ui join interests i on i.id = ui.interest_id "
    "where ui.user_id = u.id), '[]'::json))";

const std::string kVisible =
    "u.public_profile and not u.guest and not exists (select 1 from bans b where b.user_id = u.id "
    "and b.lifted_at is null and (b.until is null or b.until > now()))";

}  // namespace

awaitable<std::optional<json::value>> Profiles::find(UserId id) {
  using Outcome = std::optional<json::value>;
  std::function<Outcome(pqxx::work&)> work = [id](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(
        "select " + kProfileJson + " from users u where u.id = $1 and " + kVisible, id.value);
    if (rows.empty()) return std::nullopt;
    return json_of(rows[0][0]);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<json::array> Profiles::search(ProfileSearch search) {
  std::function<json::array(pqxx::work&)> work = [s = std::move(search)](pqxx::work& w) {
    const pqxx::result rows = w.exec_params(
        "select " + kProfileJson +
            " from users u cross join (select search_fold($1::text) as word) typed "
            "where u.id > $2::bigint and ($3::text = '' or $3::text = any(u.languages)) "
            "and ($1::text = '' or (typed.word <> '' "
            "and ' ' || u.search_name like '% ' || typed.word || '%')) and " +
            kVisible + " order by u.id limit $4::int",
        s.words, s.after, s.language, s.limit);
    json::array profiles;
    for (const auto& row : rows) profiles.push_back(json_of(row[0]));
    return profiles;
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
