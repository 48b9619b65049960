#include "lab/bench_http.hpp"

#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/json.hpp"
#include "http/client.hpp"
#include "lab/measurement.hpp"
#include "lab/people.hpp"
#include "lab/quantiles.hpp"
#include "lab/rate.hpp"
#include "runtime/timeout.hpp"

namespace seendr::lab {
namespace {

constexpr Millis kAnswerLimit{10'000};

struct Asked {
  std::string name;  // "profile".
  std::string path;
  http::Headers headers;
};

// Connections that are taken for one request and put back.
class AskingClients {
 public:
  AskingClients(http::ClientTarget server, Asked asked)
      : server_(std::move(server)), asked_(std::move(asked)) {}

  awaitable<void> open(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      http::Client client = co_await http::Client::connect(server_);
      idle_.push_back(std::move(client));
    }
  }

  awaitable<void> ask() {
    http::Client client = std::move(idle_.back());
    idle_.pop_back();
    const auto start = std::chrono::steady_clock::now();
    auto answering = client.request("GET", asked_.path, asked_.headers, std::string());
    const http::ClientResponse answer = co_await with_timeout(std::move(answering), kAnswerLimit);
    if (answer.status != 200) {
      throw std::runtime_error(asked_.path + " is answered by " + std::to_string(answer.status));
    }
    const auto took = std::chrono::steady_clock::now() - start;
    micros_.push_back(std::chrono::duration<double, std::micro>(took).count());
    idle_.push_back(std::move(client));
  }

  std::vector<double> take_times() { return std::exchange(micros_, {}); }

  void close() {
    for (http::Client& client : idle_) client.reset();
  }

 private:
  http::ClientTarget server_;
  Asked asked_;
  std::vector<http::Client> idle_;
  std::vector<double> micros_;
};

void show(const BenchHttpOptions& options, std::string name, double value, std::string unit) {
  const Measurement measurement{std::move(name), value, std::move(unit), {}};
  const std::string line = options.json ? json_line(measurement) : row(measurement);
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

awaitable<void> measure(const BenchHttpOptions& options, Asked asked, std::size_t connections) {
  const std::string name = "http." + asked.name + "." + std::to_string(connections);
  AskingClients clients(parse_server(options.server), std::move(asked));
  co_await clients.open(connections);
  Operation ask = [&clients] {
    return clients.ask();
  };
  const Rate rate = co_await measure_rate(connections, options.duration, std::move(ask));
  clients.close();
  show(options, name + ".per_s", rate.per_second(), "1/s");
  show(options, name + ".p99", quantiles(clients.take_times()).p99, "us");
}

// An account whose profile everybody may see: its path, and what says who is signed in.
struct Account {
  std::string profile;
  http::Headers signed_in;
};

awaitable<http::ClientResponse> change(const BenchHttpOptions& options, std::string method,
                                       std::string path, http::Headers headers, std::string body) {
  http::Client client = co_await http::Client::connect(parse_server(options.server));
  headers.add("Content-Type", "application/json");
  http::ClientResponse answer = co_await client.request(std::move(method), std::move(path),
                                                        std::move(headers), std::move(body));
  client.reset();
  if (answer.status / 100 != 2) throw std::runtime_error("no account: " + answer.body);
  co_return answer;
}

awaitable<Account> make_account(const BenchHttpOptions& options) {
  std::string wish =
      R"({"email":"bench@example.org","password":"correct horse","display_name":"Ada"})";
  const http::ClientResponse made =
      co_await change(options, "POST", "/api/v1/auth/register", http::Headers(), std::move(wish));
  const json::value body = json::parse(made.body);
  Account account;
  account.profile = "/api/profiles/" + json::value_to<std::string>(body.at("user").at("id")) + "/";
  const std::string cookie(made.headers.get("Set-Cookie"));
  account.signed_in.add("Cookie", cookie.substr(0, cookie.find(';')));
  std::string open = R"({"public_profile":true})";
  co_await change(options, "PATCH", "/api/v1/me", account.signed_in, std::move(open));
  co_return account;
}

}  // namespace

awaitable<int> run_bench_http(BenchHttpOptions options) {
  const Account account = co_await make_account(options);
  const std::vector<Asked> all{{"health", "/healthz", {}},
                               {"page", "/api/pages/faq/", {}},
                               {"profile", account.profile, {}},
                               {"profile_signed_in", account.profile, account.signed_in}};
  for (const std::size_t connections : options.connections) {
    for (const Asked& asked : all) co_await measure(options, asked, connections);
  }
  co_return 0;
}

}  // namespace seendr::lab
