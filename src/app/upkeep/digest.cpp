#include "app/upkeep/digest.hpp"

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
Claimed claim_rows(pqxx::work& work, UserId user, std::int64_t hours) {
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

// Is not cancelled: of what was marked after all nobody would know.
awaitable<Claimed> claim(postgres::Database& database, UserId user, std::int64_t hours) {
  std::function<Claimed(pqxx::work&)> work = [=](pqxx::work& w) {
    return claim_rows(w, user, hours);
  };
  awaitable<Claimed> claiming = database.run(std::move(work));
  const Executor executor = co_await net::this_coro::executor;
  const net::cancellation_slot nobody;
  co_return co_await net::co_spawn(executor, std::move(claiming),
                                   net::bind_cancellation_slot(nobody, use_awaitable));
}

awaitable<void> give_back(postgres::Database& database, std::vector<std::int64_t> ids) {
  std::function<void(pqxx::work&)> work = [ids = joined(ids)](pqxx::work& w) {
    w.exec_params(
        "update notifications set digested_at = null "
        "where id = any(string_to_array($1, ',')::bigint[])",
        ids);
  };
  co_await database.run(std::move(work));
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
  const Claimed claimed = co_await claim(database_, user, options_.after.count());
  if (claimed.ids.empty()) co_return DigestOutcome::nothing;
  const MailLanguage language = mail_language(claimed.languages);
  std::vector<std::string> lines;
  for (const std::string& kind : claimed.kinds) lines.push_back(notice_line(language, kind));
  Mail mail = digest_mail(language, claimed.email, options_.public_url, lines);
  Delivery delivery{Delivery::Kind::temporary, ""};
  std::exception_ptr cancelled;
  try {
    delivery = co_await mailer_.deliver(std::move(mail));
  } catch (const system_error&) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  }
  if (delivery.kind == Delivery::Kind::sent) co_return DigestOutcome::sent;
  const bool is_refused = delivery.kind == Delivery::Kind::permanent;
  if (is_refused && delivery.is_address_useless) co_return DigestOutcome::refused;
  co_await give_back(database_, claimed.ids);
  if (cancelled) std::rethrow_exception(cancelled);
  co_return is_refused ? DigestOutcome::refused : DigestOutcome::later;
}

}  // namespace seendr::app
