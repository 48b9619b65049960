#include "app/digest.hpp"

#include <algorithm>

#include <pqxx/pqxx>

#include "app/mail/mail_text.hpp"
#include "app/sql.hpp"

namespace seendr::app {

namespace {

// `u` is the row of the person. Whoever is banned is not called back.
const std::string kWantsDigest =
    "u.mail_digest and u.email_verified_at is not null and not exists (select 1 from bans b "
    "where b.user_id = u.id and b.lifted_at is null and (b.until is null or b.until > now()))";

// `n` is the row of the notification: nobody wants to hear of it after a month.
const std::string kUntold =
    "n.read_at is null and n.digested_at is null and n.created_at > now() - interval '30 days'";

// Whether the person, `u`, has waited for it for $1 hours.
const std::string kIsDue = "exists (select 1 from notifications n where n.user_id = u.id and " +
                           kUntold + " and n.created_at <= now() - make_interval(hours => $1))";

struct Claimed {
  std::string email;
  std::vector<std::string> languages;
  std::vector<std::int64_t> ids;   // The newest first.
  std::vector<std::string> kinds;  // Likewise.
};

// Of two that claim at once the second waits for the first, and gets none of the same rows.
Claimed claim(pqxx::work& work, UserId user, std::int64_t hours) {
  const pqxx::result rows = work.exec_params(
      "with claimed as (update notifications n set digested_at = now() from users u "
      "where u.id = $2 and n.user_id = u.id and " +
          kUntold + " and " + kWantsDigest + " and " + kIsDue +
          " returning n.id, n.kind, u.email, u.languages) "
          "select id, kind, email, to_json(languages) from claimed order by id desc",
      hours, user.value);
  Claimed claimed;
  for (const auto& row : rows) {
    claimed.ids.push_back(row[0].as<std::int64_t>());
    claimed.kinds.push_back(row[1].as<std::string>());
    claimed.email = row[2].as<std::string>();
    claimed.languages = texts(json_of(row[3]));
  }
  return claimed;
}

}  // namespace

Digest::Digest(postgres::Database& database, Mailer& mailer, DigestOptions options)
    : database_(database), mailer_(mailer), options_(std::move(options)) {}

awaitable<std::vector<UserId>> Digest::due_people(UserId after, int limit) {
  using People = std::vector<UserId>;
  std::function<People(pqxx::work&)> work = [=, hours = options_.after.count()](pqxx::work& w) {
    const pqxx::result rows =
        w.exec_params("select u.id from users u where u.id > $2 and " + kWantsDigest + " and " +
                          kIsDue + " order by u.id limit $3",
                      hours, after.value, limit);
    People people;
    for (const auto& row : rows) people.push_back(UserId{row[0].as<std::int64_t>()});
    return people;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<DigestOutcome> Digest::send_digest(UserId user) {
  std::function<Claimed(pqxx::work&)> take = [user, hours = options_.after.count()](pqxx::work& w) {
    return claim(w, user, hours);
  };
  const Claimed claimed = co_await database_.run(std::move(take));
  if (claimed.ids.empty()) co_return DigestOutcome::nothing;
  const MailLanguage language = mail_language(claimed.languages);
  std::vector<std::string> lines;
  for (const std::string& kind : claimed.kinds) lines.push_back(notice_line(language, kind));
  Mail mail = digest_mail(language, claimed.email, options_.public_url, lines);
  const Delivery delivery = co_await mailer_.deliver(std::move(mail));
  if (delivery.kind == Delivery::Kind::sent) co_return DigestOutcome::sent;
  if (delivery.kind == Delivery::Kind::permanent) co_return DigestOutcome::refused;
  std::function<void(pqxx::work&)> give_back = [ids = joined(claimed.ids)](pqxx::work& w) {
    w.exec_params(
        "update notifications set digested_at = null "
        "where id = any(string_to_array($1, ',')::bigint[])",
        ids);
  };
  co_await database_.run(std::move(give_back));
  co_return DigestOutcome::later;
}

}  // namespace seendr::app
