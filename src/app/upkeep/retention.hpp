// Removes what nobody needs any more from PostgreSQL, a thousand rows a transaction,
// fifty guests.
//
// Times are those of PostgreSQL. Every transaction stands for itself: what a run that was cut off
// has left, the next one removes, and two runs at once do no harm.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/sessions.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

// How many days each is kept after its end; 0: for ever.
struct RetentionOptions {
  int reports_days = 365;       // Reports, after they were handled.
  int bans_days = 365;          // Bans, after they ended.
  int notifications_days = 90;  // Notifications, after they were read.
  int history_days = 90;        // Matches, after they were made.
  int guests_days = 30;         // Guests, after they were seen last.
};

struct Removed {
  std::string what;  // The table; "guests" are users.
  std::int64_t rows = 0;
};

class Retention {
 public:
  // Both must outlive it.
  Retention(postgres::Database& database, auth::Sessions& sessions, RetentionOptions options);

  // Links that expired, and what is older than the options say, of each kind how much it was.
  // Guests go with all that is theirs, once their sessions have ended too: nobody can come back as
  // them then. Throws what postgres::Database and redis::Client throw; what was removed by then is.
  awaitable<std::vector<Removed>> remove_old();

 private:
  struct Rule;
  static std::vector<Rule> rules(const RetentionOptions& options);
  awaitable<std::int64_t> apply(Rule rule);
  awaitable<std::int64_t> remove_guests();
  awaitable<std::vector<UserId>> silent_guests();

  postgres::Database& database_;
  auth::Sessions& sessions_;
  RetentionOptions options_;
};

}  // namespace seendr::app
