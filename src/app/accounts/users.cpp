#include "app/accounts/users.hpp"

#include <pqxx/pqxx>

#include "app/sql.hpp"

namespace seendr::app {

namespace {

// One person as a JSON object; `u` is the row of users.
const std::string kUser =
    "json_build_object('id', u.id::text, 'guest', u.guest, 'display_name', u.display_name, "
    "'languages', u.languages, 'region', u.region, 'adult', u.adult, "
    "'hide_address', u.hide_address, 'public_profile', u.public_profile and not u.guest, "
    "'email_verified', u.email_verified_at is not null, 'mail_digest', u.mail_digest, 'avatar', " +
    kAvatarSql +
    ", 'interests', coalesce((select json_agg(i.slug order by "
    "ui.position) from user_interests ui join interests i on i.id = ui.interest_id "
    "where ui.user_id = u.id), '[]'::json))";

User read_user(const json::value& value) {
  const json::object& object = value.as_object();
  User user;
  user.id = parse_user_id(std::string_view(object.at("id").as_string())).value();
  user.guest = object.at("guest").as_bool();
  user.display_name = std::string(object.at("display_name").as_string());
  user.languages = texts(object.at("languages"));
  user.region = std::string(object.at("region").as_string());
  user.adult = object.at("adult").as_bool();
  user.hide_address = object.at("hide_address").as_bool();
  user.public_profile = object.at("public_profile").as_bool();
  user.email_verified = object.at("email_verified").as_bool();
  const json::value& avatar = object.at("avatar");
  if (avatar.is_string()) user.avatar = std::string(avatar.get_string());
  user.mail_digest = object.at("mail_digest").as_bool();
  user.interests = texts(object.at("interests"));
  return user;
}

// Of the row u: whether it is worth to write down that the person is here.
const std::string kSeenLongAgo = "u.last_seen_at < now() - interval '1 hour'";

void note_seen(pqxx::work& work, UserId id) {
  work.exec_params("update users u set last_seen_at = now() where id = $1 and " + kSeenLongAgo,
                   id.value);
}

std::optional<User> select_user(pqxx::work& work, UserId id) {
  const pqxx::result rows =
      work.exec_params("select " + kUser + " from users u where u.id = $1", id.value);
  if (rows.empty()) return std::nullopt;
  return read_user(json_of(rows[0][0]));
}

std::optional<std::string> said_languages(const NewUser& user) {
  std::optional<std::string> languages;
  if (user.languages) languages = joined(*user.languages);
  return languages;
}

UserId insert_guest(pqxx::work& work, const NewUser& user) {
  const std::optional<std::string> languages = said_languages(user);
  const pqxx::result rows = work.exec_params(
      "insert into users (display_name, languages, region, adult, guest) values "
      "(coalesce(nullif($1, ''), 'Guest ' || (1000 + floor(random() * 9000))::int), "
      "coalesce(string_to_array($2, ','), '{en}'), coalesce($3, ''), $4, true) returning id",
      user.display_name, nullable(languages), nullable(user.region), user.adult);
  return UserId{rows[0][0].as<std::int64_t>()};
}

UserId insert_registered(pqxx::work& work, const NewUser& user, const std::string& email,
                         const std::string& hash) {
  const std::optional<std::string> languages = said_languages(user);
  const pqxx::result rows = work.exec_params(
      "insert into users (display_name, languages, region, adult, guest, email, password_hash) "
      "values ($1, coalesce(string_to_array($2, ','), '{en}'), coalesce($3, ''), $4, false, $5, "
      "$6) "
      "returning id",
      user.display_name, nullable(languages), nullable(user.region), user.adult, email, hash);
  return UserId{rows[0][0].as<std::int64_t>()};
}

bool upgrade_guest(pqxx::work& work, UserId id, const NewUser& user, const std::string& email,
                   const std::string& hash) {
  const std::optional<std::string> languages = said_languages(user);
  const pqxx::result rows = work.exec_params(
      "update users set guest = false, email = $2, password_hash = $3, display_name = $4, "
      "adult = adult or $5, languages = coalesce(string_to_array($6, ','), languages), "
      "region = coalesce($7, region) where id = $1 and guest",
      id.value, email, hash, user.display_name, user.adult, nullable(languages),
      nullable(user.region));
  return rows.affected_rows() == 1;
}

Account read_account(const json::value& value) {
  const json::object& object = value.as_object();
  Account account;
  account.user = read_user(object.at("user"));
  account.banned = object.at("banned").as_bool();
  for (const std::string& id : texts(object.at("blocked"))) {
    account.blocked.push_back(parse_user_id(id).value());
  }
  return account;
}

}  // namespace

json::object to_json(const User& user) {
  json::value avatar;
  if (user.avatar) avatar = json::string(*user.avatar);
  return json::object{{"id", user.id.text()},
                      {"guest", user.guest},
                      {"display_name", user.display_name},
                      {"languages", json::value_from(user.languages)},
                      {"region", user.region},
                      {"adult", user.adult},
                      {"hide_address", user.hide_address},
                      {"public_profile", user.public_profile},
                      {"email_verified", user.email_verified},
                      {"avatar", std::move(avatar)},
                      {"mail_digest", user.mail_digest},
                      {"interests", json::value_from(user.interests)}};
}

awaitable<User> Users::create_guest(NewUser user) {
  std::function<User(pqxx::work&)> work = [user = std::move(user)](pqxx::work& w) {
    return select_user(w, insert_guest(w, user)).value();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::variant<User, Refused>> Users::create_registered(std::optional<UserId> guest,
                                                                NewUser user, std::string email,
                                                                std::string password_hash) {
  using Outcome = std::variant<User, Refused>;
  std::function<Outcome(pqxx::work&)> work = [=](pqxx::work& w) -> Outcome {
    const pqxx::result taken =
        w.exec_params("select 1 from users where lower(email) = lower($1)", email);
    if (!taken.empty()) return Refused::email_taken;
    if (!guest) return select_user(w, insert_registered(w, user, email, password_hash)).value();
    if (!upgrade_guest(w, *guest, user, email, password_hash)) return Refused::already_registered;
    return select_user(w, *guest).value();
  };
  bool lost_the_race = false;  // Two registrations of one address at the same moment.
  Outcome outcome = Refused::email_taken;
  try {
    outcome = co_await database_.run(std::move(work));
  } catch (const pqxx::unique_violation&) {
    lost_the_race = true;
  }
  if (lost_the_race) co_return Refused::email_taken;
  co_return outcome;
}

awaitable<std::optional<Login>> Users::find_login(std::string email) {
  using Outcome = std::optional<Login>;
  std::function<Outcome(pqxx::work&)> work = [email = std::move(email)](pqxx::work& w) -> Outcome {
    const pqxx::result rows =
        w.exec_params("select u.id, coalesce(u.password_hash, ''), " + kBannedSql +
                          " from users u where lower(u.email) = lower($1)",
                      email);
    if (rows.empty()) return std::nullopt;
    return Login{UserId{rows[0][0].as<std::int64_t>()}, rows[0][1].as<std::string>(),
                 rows[0][2].as<bool>()};
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<User>> Users::find(UserId id) {
  std::function<std::optional<User>(pqxx::work&)> work = [id](pqxx::work& w) {
    note_seen(w, id);
    return select_user(w, id);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<Account>> Users::load(UserId id) {
  using Outcome = std::optional<Account>;
  std::function<Outcome(pqxx::work&)> work = [id](pqxx::work& w) -> Outcome {
    note_seen(w, id);
    const pqxx::result rows =
        w.exec_params("select json_build_object('user', " + kUser + ", 'banned', " + kBannedSql +
                          ", 'blocked', coalesce((select json_agg(x.id::text) from ("
                          "select blocked_id as id from blocks where blocker_id = u.id union "
                          "select blocker_id from blocks where blocked_id = u.id) x), '[]'::json)) "
                          "from users u where u.id = $1",
                      id.value);
    if (rows.empty()) return std::nullopt;
    return read_account(json_of(rows[0][0]));
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<User>> Users::change(UserId id, UserChange change) {
  using Outcome = std::optional<User>;
  std::function<Outcome(pqxx::work&)> work = [id, change =
                                                      std::move(change)](pqxx::work& w) -> Outcome {
    std::optional<std::string> languages;
    if (change.languages) languages = joined(*change.languages);
    w.exec_params(
        "update users set display_name = coalesce($2, display_name), "
        "languages = coalesce(string_to_array($3, ','), languages), region = coalesce($4, region), "
        "adult = coalesce($5::boolean, adult), hide_address = coalesce($6::boolean, hide_address), "
        "public_profile = coalesce($7::boolean, public_profile) and not guest, "
        "mail_digest = coalesce($8::boolean, mail_digest) and not guest "
        "where id = $1",
        id.value, nullable(change.display_name), nullable(languages), nullable(change.region),
        nullable(change.adult), nullable(change.hide_address), nullable(change.public_profile),
        nullable(change.mail_digest));
    return select_user(w, id);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<User>> Users::set_interests(UserId id,
                                                    std::vector<std::uint32_t> interests) {
  using Outcome = std::optional<User>;
  std::function<Outcome(pqxx::work&)> work =
      [id, ids = std::move(interests)](pqxx::work& w) -> Outcome {
    // Two tabs that save at once: one after the other.
    if (w.exec_params("select 1 from users where id = $1 for update", id.value).empty()) {
      return std::nullopt;
    }
    w.exec_params("delete from user_interests where user_id = $1", id.value);
    w.exec_params(
        "insert into user_interests (user_id, interest_id, position) "
        "select $1, x.id::int, x.n - 1 from unnest(string_to_array($2, ',')) with ordinality x(id, "
        "n)",
        id.value, joined(ids));
    return select_user(w, id);
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
