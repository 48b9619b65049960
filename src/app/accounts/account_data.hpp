// Everything PostgreSQL holds about one person: to be handed out, and to be removed.
//
// Every method is one transaction; it throws what postgres::Database throws when PostgreSQL is
// away.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

class AccountData {
 public:
  explicit AccountData(postgres::Database& database) : database_(database) {}

  // Empty for who has no password: a guest, or somebody of a Django site. nullopt: no such person.
  awaitable<std::optional<std::string>> password_hash(UserId user);

  // {"account", "avatar", "interests", "blocks", "reports_written", "reports_about_me", "bans",
  // "mailed", "notifications", "matches"}; docs/protocol.md says what is in each. Other people are
  // not named, and a hash of a password is nobody's business. nullopt when there is no such person.
  awaitable<std::optional<json::object>> gather(UserId user);

  // Removes the person; false when there was none. Reports about them stay, without a name, a room
  // and a note; reports by them stay, without their name. Of somebody of a Django site, who comes
  // back under the same id, the id stays with the bans, the blocks and the reports against it, if
  // there are any. They are among gone() from then on. A failure may leave them without matches.
  awaitable<bool> erase(UserId user);

  // Who was erased and may be known elsewhere still; at most `limit`, the first gone first.
  awaitable<std::vector<UserId>> gone(int limit);
  awaitable<void> forgotten(UserId user);  // They are known nowhere now.

 private:
  postgres::Database& database_;
};

// Takes people out of the history of matches, in transactions of a bounded size: to be done before
// they are erased, as that is one transaction.
awaitable<void> detach_matches(postgres::Database& database, std::vector<UserId> people);

// As AccountData::erase(), in a transaction; how many there were.
std::size_t erase_people(pqxx::work& work, const std::vector<UserId>& people);

}  // namespace seendr::app
