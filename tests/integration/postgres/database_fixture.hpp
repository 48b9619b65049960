// A database of its own for each test, and small transactions to run in it.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "postgres/database.hpp"
#include "support/postgres_test.hpp"

namespace seendr::postgres {

class DatabaseTest : public test::PostgresTest {
 protected:
  DatabaseOptions options() const {
    DatabaseOptions options;
    options.url = url();
    return options;
  }
};

// The code a coroutine threw, or none.
template <class T>
awaitable<error_code> error_of(awaitable<T> work) {
  try {
    co_await std::move(work);
  } catch (const system_error& error) {
    co_return error.code();
  }
  co_return error_code();
}

inline auto statement(std::string sql) {
  return [sql = std::move(sql)](pqxx::work& tx) {
    tx.exec(sql);
  };
}

inline auto number(std::string sql) {
  return [sql = std::move(sql)](pqxx::work& tx) {
    return tx.exec(sql)[0][0].as<int>();
  };
}

}  // namespace seendr::postgres
