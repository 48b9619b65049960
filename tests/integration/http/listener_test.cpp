#include "http/listener.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/run.hpp"

namespace seendr::http {
namespace {

ListenOptions at(std::uint16_t port, bool share) {
  return ListenOptions{"127.0.0.1", port, share};
}

error_code error_of(const ListenOptions& options) {
  try {
    const Listener listener(options);
  } catch (const system_error& error) {
    return error.code();
  }
  return {};
}

TEST(Listener, TakesAFreePortForZero) {
  const Listener a(at(0, false));
  const Listener b(at(0, false));
  EXPECT_NE(a.port(), 0);
  EXPECT_NE(a.port(), b.port());
  EXPECT_EQ(a.address(), "127.0.0.1");
}

TEST(Listener, TakesAPortInUseForAnError) {
  const Listener first(at(0, false));
  EXPECT_EQ(error_of(at(first.port(), false)), net::error::address_in_use);
}

TEST(Listener, SharesAPortOnlyWhenItIsAskedTo) {
  const Listener first(at(0, true));
  EXPECT_EQ(error_of(at(first.port(), true)), error_code());
  EXPECT_EQ(error_of(at(first.port(), false)), net::error::address_in_use);
}

TEST(Listener, MayTakeThePortOfOneThatIsGone) {
  std::uint16_t port = 0;
  {
    const Listener first(at(0, false));
    port = first.port();
  }
  EXPECT_EQ(error_of(at(port, false)), error_code());
}

TEST(Listener, FindsTheAddressOfAName) {
  const Listener listener(ListenOptions{"localhost", 0, false});
  EXPECT_TRUE(listener.address() == "127.0.0.1" || listener.address() == "::1");
}

TEST(Listener, RefusesAHostThatIsNotHere) {
  EXPECT_TRUE(error_of(ListenOptions{"192.0.2.1", 0, false}));
}

TEST(Listener, GivesEveryEventLoopASocketOfItsOwnOnThePort) {
  Listener listener(at(0, false));
  net::io_context io;
  Acceptor a = listener.acceptor(io.get_executor());
  Acceptor b = listener.acceptor(io.get_executor());
  EXPECT_NE(a.native_handle(), b.native_handle());
  EXPECT_EQ(a.local_endpoint().port(), listener.port());
  EXPECT_EQ(b.local_endpoint().port(), listener.port());
}

TEST(Listener, KeepsConnectionsThatComeBeforeAnAcceptorRuns) {
  Listener listener(at(0, false));
  net::io_context io;
  test::run(io, [&]() -> awaitable<void> {
    TcpSocket client(io.get_executor());
    const tcp::endpoint here(net::ip::make_address("127.0.0.1"), listener.port());
    co_await client.async_connect(here, use_awaitable);
    Acceptor acceptor = listener.acceptor(io.get_executor());
    const TcpSocket served = co_await acceptor.async_accept(use_awaitable);
    EXPECT_TRUE(served.is_open());
  });
}

}  // namespace
}  // namespace seendr::http
