// People who are signed in through the Django site beside this server: their cookie is accepted,
// and they are taken over with the id that they have there.
//
// The site's session cache says who somebody is, its user table whether that still holds; both are
// only read. A person's row in `users` is made on their first request, and changed again when the
// row of the site has changed since; what they change here meanwhile stays.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/django_login.hpp"
#include "auth/django_sessions.hpp"
#include "auth/sessions.hpp"
#include "postgres/database.hpp"
#include "redis/client.hpp"

namespace seendr::app {

struct DjangoOptions {
  auth::DjangoSite site;
  auth::DjangoSessionOptions sessions;
  std::string user_query;  // Columns as settings say, in that order, for the id $1.
  bool adults = true;      // The site lets adults in only.
};

class DjangoPeople {
 public:
  // `redis`: the site's session cache, on the caller's executor. `theirs`: the database with the
  // site's users, `ours` the one with users. All must outlive it.
  DjangoPeople(const Env& env, redis::Client& redis, postgres::Database& theirs,
               postgres::Database& ours, DjangoOptions options);

  // The session of that cookie; nullopt when it is not one of the site's, or does not hold. Throws
  // what Redis and PostgreSQL throw when they are away.
  awaitable<std::optional<auth::Session>> resume(std::string cookie);

  // Whether those sessions, which resume() gave, still hold, in their order: they are there, nobody
  // else is signed in there, and the site lets the person in. One round trip to Redis, one
  // transaction. Throws like resume().
  awaitable<std::vector<bool>> hold(std::vector<auth::Session> sessions);

 private:
  // A row of the site's, as it is taken over.
  struct Row {
    UserId id;
    std::string password;
    bool is_active = false;
    std::string display_name;
    std::string languages;  // Comma-separated, like the slugs.
    std::string region;
    std::string slugs;
  };
  static std::optional<Row> select_row(pqxx::work& work, const std::string& query,
                                       const std::string& id);
  awaitable<std::optional<Row>> find(std::string id);
  awaitable<void> take_over(Row row);

  Env env_;
  postgres::Database& theirs_;
  postgres::Database& ours_;
  DjangoOptions options_;
  auth::DjangoSessions sessions_;
};

}  // namespace seendr::app
