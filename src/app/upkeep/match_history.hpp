// Every match in PostgreSQL, exactly once, read from the log of the pool in batches.
//
// The log is written by the script that makes a pair, so no pair is missing in it, whoever dies.
// Where reading has come to is kept in PostgreSQL and moved in the transaction that writes the
// matches. The log tells the time once a second, so times are good to the second.
#pragma once

#include <string>

#include "base/env.hpp"
#include "postgres/database.hpp"
#include "redis/client.hpp"

namespace seendr::app {

class MatchHistory {
 public:
  // All must outlive this; used on the client's executor. `shard`: of the matcher.
  MatchHistory(const Env& env, redis::Client& redis, postgres::Database& database,
               std::string shard);

  struct Step {
    std::size_t read = 0;    // Entries of the log.
    std::size_t made = 0;    // Matches among them.
    std::size_t lost = 0;    // Entries that were trimmed before they were read.
    bool overtaken = false;  // Somebody else is at it: nothing was written.
  };

  // Reads and writes the next `count` entries at most. Throws what the client and the database
  // throw; then nothing was written, or all of it.
  awaitable<Step> step(std::size_t count);

 private:
  struct Position;
  struct Batch;
  awaitable<Position> position();
  awaitable<bool> write(Position from, Batch batch);

  Env env_;
  redis::Client& redis_;
  postgres::Database& database_;
  std::string shard_;
};

}  // namespace seendr::app
