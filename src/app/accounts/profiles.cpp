#include "app/accounts/profiles.hpp"

#include <pqxx/pqxx>

#include "app/sql.hpp"

namespace seendr::app {

namespace {

const std::string kProfileFields =
    "'id', u.id::text, 'display_name', u.display_name, 'languages', u.languages, "
    "'region', u.region, 'interests', coalesce((select json_agg(i.slug order by ui.position) "
    "from user_interests ui join interests i on i.id = ui.interest_id "
    "where ui.user_id = u.id), '[]'::json)";

}  // namespace

awaitable<std::optional<json::value>> Profiles::find(UserId id) {
  return find_fields(id, kProfileFields);
}

awaitable<std::optional<json::value>> Profiles::find_with_avatar(UserId id) {
  return find_fields(id, kProfileFields + ", 'avatar', " + kAvatarSql);
}

awaitable<std::optional<json::value>> Profiles::find_fields(UserId id, std::string fields) {
  using Outcome = std::optional<json::value>;
  std::function<Outcome(pqxx::work&)> work = [id, fields =
                                                      std::move(fields)](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(
        "select json_build_object(" + fields + ") from users u where u.id = $1 and " + kPublicSql,
        id.value);
    if (rows.empty()) return std::nullopt;
    return json_of(rows[0][0]);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::vector<UserId>> Profiles::seen_within(std::chrono::hours time, int limit) {
  using People = std::vector<UserId>;
  std::function<People(pqxx::work&)> work = [hours = time.count(), limit](pqxx::work& w) {
    People people;
    for (const auto& row : w.exec_params(
             "select u.id from users u where u.last_seen_at > now() - make_interval(hours => $1) "
             "and " +
                 kPublicSql + " order by u.last_seen_at desc limit $2",
             hours, limit)) {
      people.push_back(UserId{row[0].as<std::int64_t>()});
    }
    return people;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<json::array> Profiles::search(ProfileSearch search) {
  std::function<json::array(pqxx::work&)> work = [s = std::move(search)](pqxx::work& w) {
    const pqxx::result rows = w.exec_params(
        "select json_build_object(" + kProfileFields +
            ") from users u cross join (select search_fold($1::text) as word) typed "
            "where u.id > $2::bigint and ($3::text = '' or $3::text = any(u.languages)) "
            "and ($1::text = '' or (typed.word <> '' "
            "and ' ' || u.search_name like '% ' || typed.word || '%')) and " +
            kPublicSql + " order by u.id limit $4::int",
        s.words, s.after, s.language, s.limit);
    json::array profiles;
    for (const auto& row : rows) profiles.push_back(json_of(row[0]));
    return profiles;
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
