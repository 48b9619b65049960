// More connections than an address, the process or the kernel allows.
#include <fcntl.h>
#include <unistd.h>
#include <vector>

#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"
#include <sys/resource.h>

namespace seendr::http {
namespace {

class AddressLimitsTest : public WebSocketTest {
 protected:
  AddressLimitsTest() { add_get("/hello", "world"); }

  ClientTarget from(std::string address) const {
    ClientTarget out = target();
    out.source_address = std::move(address);
    return out;
  }
  awaitable<WebSocketClient::Outcome> open_from(std::string address, Headers headers = {}) {
    return WebSocketClient::connect(from(std::move(address)), std::string("/ws"),
                                    std::move(headers), std::string());
  }
  awaitable<ClientResponse> hello_from(std::string address) {
    Client client = co_await Client::connect(from(std::move(address)));
    co_return co_await client.get("/hello");
  }
  static bool is_refusal(const ClientResponse& response) {
    return response.status == 429 && response.headers.has("Retry-After");
  }
  awaitable<void> until_connected(std::size_t count) {
    while (server().connections() != count) co_await sleep_for(1ms);
  }
};

TEST_F(AddressLimitsTest, AnswersMostOfAThousandConnectionsOfOneAddressWith429) {
  address_limit = 100;
  raise_descriptor_limit();
  run_server([this]() -> awaitable<void> {
    std::vector<std::unique_ptr<WebSocketClient>> sockets;
    for (int i = 0; i < 100; ++i) {
      auto outcome = co_await open_from("127.0.0.1");
      if (outcome.socket) sockets.push_back(std::move(outcome.socket));
    }
    EXPECT_EQ(sockets.size(), 100U);

    // Up to twice the limit they may speak HTTP; beyond that they are answered unheard.
    std::vector<Client> plain;
    int refused = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      const ClientResponse response = co_await exchange(RawSocket::upgrade_request("/ws"));
      refused += is_refusal(response) ? 1 : 0;
      co_await until_connected(100 + i);
      Client idle = co_await connect();
      plain.push_back(std::move(idle));
      co_await until_connected(101 + i);
    }
    for (int i = 0; i < 800; ++i) {
      Client client = co_await connect();
      const ClientResponse response = co_await client.read_response(false);
      refused += is_refusal(response) ? 1 : 0;
    }
    EXPECT_EQ(refused, 900);

    const ClientResponse other = co_await hello_from("127.0.0.2");
    const auto other_socket = co_await open_from("127.0.0.2");
    co_await sockets.front()->send("still here");
    const auto echo = co_await sockets.front()->read();
    EXPECT_EQ(other.status, 200);
    EXPECT_TRUE(other_socket.socket);
    EXPECT_EQ(echo.text, "still here");
  });
  EXPECT_NE(scrape().find("seendr_http_refused_total{reason=\"address\"} 900"), std::string::npos);
}

TEST_F(AddressLimitsTest, GivesThePlaceOfAClosedConnectionToTheNext) {
  address_limit = 1;
  run_server([this]() -> awaitable<void> {
    auto first = co_await open_from("127.0.0.1");
    const auto second = co_await open_from("127.0.0.1");
    EXPECT_EQ(second.response.status, 429);

    first.socket->cut();
    co_await until_connected(0);
    const auto third = co_await open_from("127.0.0.1");
    EXPECT_TRUE(third.socket);
  });
}

TEST_F(AddressLimitsTest, CountsPeopleBehindATrustedProxyByTheirOwnAddress) {
  address_limit = 1;
  options.trusted_proxies = *Networks::parse({"127.0.0.1"});
  run_server([this]() -> awaitable<void> {
    const Headers ada{{"X-Forwarded-For", "203.0.113.1"}};
    const Headers bob{{"X-Forwarded-For", "203.0.113.2"}};
    const auto first = co_await open_from("127.0.0.1", ada);
    const auto again = co_await open_from("127.0.0.1", ada);
    const auto other = co_await open_from("127.0.0.1", bob);

    EXPECT_TRUE(first.socket);
    EXPECT_EQ(again.response.status, 429);
    EXPECT_TRUE(other.socket);
  });
}

TEST_F(AddressLimitsTest, Answers503WhenTheProcessIsFull) {
  total_limit = 2;
  run_server([this]() -> awaitable<void> {
    const auto first = co_await open_from("127.0.0.1");
    Client second = co_await connect();
    const ClientResponse served = co_await second.get("/hello");
    Client third = co_await connect();
    const ClientResponse full = co_await third.read_response(false);
    const ClientResponse still = co_await second.get("/hello");

    EXPECT_EQ(served.status, 200);
    EXPECT_EQ(full.status, 503);
    EXPECT_TRUE(full.headers.has("Retry-After"));
    EXPECT_EQ(still.status, 200);
  });
}

// Uses every descriptor the process may have, until it is destroyed.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    held_.push_back(next);
    low.rlim_cur = static_cast<rlim_t>(next) + 8;
    setrlimit(RLIMIT_NOFILE, &low);
    for (int one = next; one >= 0; held_.push_back(one)) {
      one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (one < 0) break;
    }
  }
  ~NoDescriptors() {
    for (const int one : held_) ::close(one);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> held_;
};

TEST_F(AddressLimitsTest, SurvivesTheLackOfDescriptors) {
  run_server([this]() -> awaitable<void> {
    Client kept = co_await connect();
    const ClientResponse before = co_await kept.get("/hello");
    const Executor executor = co_await net::this_coro::executor;
    std::vector<TcpSocket> late;
    for (int i = 0; i < 3; ++i) late.emplace_back(executor, tcp::v4());
    auto none = std::make_unique<NoDescriptors>();

    const tcp::endpoint here(net::ip::address_v4::loopback(), target().port);
    for (TcpSocket& socket : late) {
      co_await socket.async_connect(here, use_awaitable);
      std::array<char, 1> byte{};
      const auto [error, count] =
          co_await socket.async_read_some(net::buffer(byte), net::as_tuple(use_awaitable));
      EXPECT_TRUE(error) << "turned away, not left waiting";
      EXPECT_EQ(count, 0U);
    }
    const ClientResponse during = co_await kept.get("/hello");
    none.reset();
    const ClientResponse after = co_await hello_from("127.0.0.1");

    EXPECT_EQ(before.status, 200);
    EXPECT_EQ(during.status, 200);
    EXPECT_EQ(after.status, 200);
  });
  EXPECT_NE(scrape().find("seendr_http_refused_total{reason=\"descriptors\"} 3"),
            std::string::npos);
}

}  // namespace
}  // namespace seendr::http
