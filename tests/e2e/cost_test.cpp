// What a search costs: no PostgreSQL, and no Redis command that grows with the pool.
#include <cmath>

#include "lab/redis_cost.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

constexpr int kPairs = 10;

class CostTest : public TwoServers {
 protected:
  // What workers ask Redis and PostgreSQL for is no cost of a match.
  static void SetUpTestSuite() { start_servers({"SEENDR_SERVER_WORKER=false"}); }

  // Sum of the samples of a metric over both processes.
  double metric(const std::string& name) {
    double sum = 0;
    for (const std::string& server : {here(), there()}) {
      const std::string text = stage.call(server, "GET", "/metrics").body;
      for (std::size_t at = text.find("\n" + name); at != std::string::npos;
           at = text.find("\n" + name, at + 1)) {
        const std::size_t end = text.find('\n', at + 1);
        const std::string line = text.substr(at + 1, end - at - 1);
        sum += std::stod(line.substr(line.rfind(' ') + 1));
      }
    }
    return sum;
  }

  lab::RedisCost redis_cost() {
    const redis::Url url = backend().redis().url();
    const std::string commands = stage.redis(url, redis::Command("INFO", "commandstats")).text();
    return lab::parse_cost(commands);
  }

  static double count_of(const lab::RedisCost& cost, const std::string& command) {
    const auto found = cost.calls.find(command);
    return found == cost.calls.end() ? 0 : static_cast<double>(found->second);
  }

  // People who wait, each with nobody to meet, so that whatever grows with the pool would show.
  void fill_pool(std::vector<Tab>& tabs) {
    const std::string file = folder_.path() + "/people";
    backend().run({"seed", "--users", "40", "--users-file", file}, 60s);
    for (const lab::Person& person : lab::read_people(file)) {
      Player player;
      player.session = person.session;
      tabs.push_back(stage.v1(tabs.size() % 2 == 0 ? here() : there(), player));
      tabs.back().say(json::object{{"action", "find_match"},
                                   {"wait", true},
                                   {"policy", "strict"},
                                   {"min_shared", 10},
                                   {"languages", {Stage::new_language()}}});
    }
  }

  TempFolder folder_;
};

TEST_F(CostTest, FindsAPartnerWithoutPostgresAndWithoutReadingThePool) {
  std::vector<Tab> waiting;
  fill_pool(waiting);
  std::vector<std::pair<Tab, Tab>> pairs;
  for (int i = 0; i < kPairs; ++i) {
    const auto [ada, bob] = pair_of_guests();
    const bool article = i % 2 == 0;
    Tab a = article ? stage.article(here(), ada) : stage.v1(here(), ada);
    Tab b = article ? stage.article(there(), bob) : stage.v1(there(), bob);
    a.settle();
    b.settle();
    pairs.emplace_back(std::move(a), std::move(b));
  }

  const auto begin = std::chrono::steady_clock::now();
  const double queries = metric("seendr_postgres_calls_total");
  const lab::RedisCost before = redis_cost();
  for (auto& [a, b] : pairs) {
    const std::string search = R"({"action":"find_match","policy":"any","wait":true})";
    std::string told;
    a.say(search);
    b.say(search);
    while (told.find("match_found\"") == std::string::npos || told.find("no_match") == 9) {
      told = a.hear_text();
      if (told.find("no_match_found") != std::string::npos) a.say(search);
    }
  }
  const lab::RedisCost spent = lab::difference(before, redis_cost());
  const double asked = metric("seendr_postgres_calls_total") - queries;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  // /readyz looks whether PostgreSQL is there every two seconds, on each process.
  const double pings = 2 * (std::ceil(took.count() / 2) + 1);
  EXPECT_LE(asked, pings) << "PostgreSQL was asked on the path of find_match";
  // Each process adds up who is there every few seconds: one field a process, not a person.
  EXPECT_LE(count_of(spent, "hgetall"), pings);
  for (const char* command : {"keys", "scan", "hscan", "sscan", "zscan", "hkeys", "hvals",
                              "smembers", "zrange", "lrange", "sort", "sinter"}) {
    EXPECT_EQ(count_of(spent, command), 0) << command;
  }
  EXPECT_GT(spent.calls.count("evalsha") + spent.calls.count("fcall"), 0u) << "nothing was counted";
}

TEST_F(CostTest, FindsAPartnerWhilePostgresIsAway) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  shared_postgres()->kill();
  meet(a, b);
  shared_postgres();
}

}  // namespace
}  // namespace seendr::test
