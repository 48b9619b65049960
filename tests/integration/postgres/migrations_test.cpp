#include "postgres/migrations.hpp"

#include <barrier>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "support/postgres_test.hpp"

namespace seendr::postgres {
namespace {

using Names = std::vector<std::string>;

class MigrationsTest : public testing::Test {
 protected:
  const std::vector<Migration> kTwo{
      {1, "0001_a.sql", "create table a (n int); insert into a values (1)"},
      {2, "0002_b.sql", "create table b (n int)"}};

  std::string url() const { return database_.url(); }
  std::string execute(const std::string& sql) const { return database_.execute(sql); }
  bool exists(const std::string& table) const {
    return execute("select to_regclass('" + table + "') is not null") == "t";
  }

 private:
  test::TestDatabase database_{test::TestDatabase::Schema::empty};
};

TEST_F(MigrationsTest, ApplyWhatIsMissingInOrderAndSayWhat) {
  const Names first = migrate(url(), std::span(kTwo).first(1));
  const Names second = migrate(url(), kTwo);

  EXPECT_EQ(first, Names{"0001_a.sql"});
  EXPECT_EQ(second, Names{"0002_b.sql"});
  EXPECT_EQ(
      execute("select string_agg(version || name, ',' order by version) from schema_migrations"),
      "10001_a.sql,20002_b.sql");
}

TEST_F(MigrationsTest, DoNothingTheSecondTime) {
  migrate(url(), kTwo);

  EXPECT_TRUE(migrate(url(), kTwo).empty());
  EXPECT_EQ(execute("select count(*) from a"), "1");
}

TEST_F(MigrationsTest, MayBeAppliedByTwoHostsAtOnce) {
  std::barrier start(2);
  Names done[2];
  std::thread hosts[2];
  for (int i = 0; i < 2; ++i) {
    hosts[i] = std::thread([&, i] {
      start.arrive_and_wait();
      done[i] = migrate(url(), kTwo);
    });
  }
  for (std::thread& host : hosts) host.join();

  EXPECT_EQ(done[0].size() + done[1].size(), 2U);
  EXPECT_EQ(execute("select count(*) from a"), "1");
}

TEST_F(MigrationsTest, RefuseATextThatWasChangedAfterwards) {
  migrate(url(), std::span(kTwo).first(1));
  const std::vector<Migration> changed{{1, "0001_a.sql", "create table a (n bigint)"}, kTwo[1]};
  try {
    migrate(url(), changed);
    FAIL() << "applied";
  } catch (const system_error& error) {
    EXPECT_EQ(error.code(), Errc::migration_changed);
    EXPECT_NE(std::string(error.what()).find("0001_a.sql is not the text that was applied"),
              std::string::npos);
  }
  EXPECT_FALSE(exists("b"));
}

TEST_F(MigrationsTest, LeaveNothingOfOneThatFailsAndKeepThoseBefore) {
  const std::vector<Migration> broken{
      kTwo[0], {2, "0002_b.sql", "create table b (n int); insert into b values ('no number')"}};
  try {
    migrate(url(), broken);
    FAIL() << "applied";
  } catch (const system_error& error) {
    EXPECT_EQ(error.code(), Errc::migration_failed);
    EXPECT_NE(std::string(error.what()).find("0002_b.sql: "), std::string::npos);
  }

  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  EXPECT_EQ(schema_state(url(), broken), Schema::behind);
  EXPECT_EQ(migrate(url(), kTwo), Names{"0002_b.sql"});
}

TEST_F(MigrationsTest, TellWhetherTheSchemaIsBehindCurrentOrAhead) {
  EXPECT_EQ(schema_state(url(), kTwo), Schema::behind);

  migrate(url(), std::span(kTwo).first(1));
  EXPECT_EQ(schema_state(url(), kTwo), Schema::behind);

  migrate(url(), kTwo);
  EXPECT_EQ(schema_state(url(), kTwo), Schema::current);
  EXPECT_EQ(schema_state(url(), std::span(kTwo).first(1)), Schema::ahead);
}

TEST_F(MigrationsTest, SayUnavailableWithoutADatabase) {
  try {
    migrate("postgresql:///seendr?host=/nowhere", kTwo);
    FAIL() << "applied";
  } catch (const system_error& error) {
    EXPECT_EQ(error.code(), Errc::unavailable);
  }
}

TEST_F(MigrationsTest, OfTheProgramBringAnEmptyDatabaseUpToDate) {
  migrate(url());

  EXPECT_EQ(schema_state(url()), Schema::current);
  EXPECT_TRUE(exists("users"));
}

TEST(EmbeddedMigrations, AreTheFilesByteForByte) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SEENDR_SOURCE_DIR "/migrations")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  const auto migrations = embedded_migrations();

  ASSERT_EQ(migrations.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::stringstream text;
    text << std::ifstream(files[i]).rdbuf();
    EXPECT_EQ(migrations[i].name, files[i].filename().string());
    EXPECT_EQ(migrations[i].version, static_cast<int>(i) + 1);
    EXPECT_EQ(migrations[i].sql, text.str());
  }
}

}  // namespace
}  // namespace seendr::postgres
