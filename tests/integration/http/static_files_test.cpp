// Embedded files over HTTP.
#include "http/static_files.hpp"

#include <array>

#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

constexpr std::array kAssets{
    Asset{"/index.html", "e1", "<html>", "gzipped", "brotli"},
};

class StaticServerTest : public ServerTest {
 protected:
  const StaticFiles files{kAssets, {}};

  StaticServerTest() {
    router.fallback([this](Request request) { return serve(std::move(request)); });
  }

  awaitable<Response> serve(Request request) {
    std::optional<Response> found = files.find(request);
    if (found) co_return std::move(*found);
    co_return problem(request, Problem{404, "not_found", "There is no such file.", {}});
  }

  awaitable<ClientResponse> ask(Client& client, std::string method, Headers headers) {
    return client.request(std::move(method), std::string("/"), std::move(headers), std::string());
  }
};

TEST_F(StaticServerTest, ServesVariantsValidatorsAndHeadsOnOneConnection) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const Headers none{};
    const Headers brotli{{"Accept-Encoding", "gzip, deflate, br"}};
    const Headers gzip{{"Accept-Encoding", "gzip"}};
    const ClientResponse plain = co_await ask(client, "GET", none);
    const ClientResponse small = co_await ask(client, "GET", brotli);
    const ClientResponse older = co_await ask(client, "GET", gzip);
    const ClientResponse head = co_await ask(client, "HEAD", brotli);
    Headers again = brotli;
    again.add("If-None-Match", std::string(small.headers.get("ETag")));
    const ClientResponse known = co_await ask(client, "GET", again);
    const ClientResponse missing = co_await client.get("/nothing");
    const ClientResponse after = co_await ask(client, "GET", none);

    EXPECT_EQ(plain.body, "<html>");
    EXPECT_EQ(small.body, "brotli");
    EXPECT_EQ(small.headers.get("Content-Encoding"), "br");
    EXPECT_EQ(older.body, "gzipped");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.get("Content-Length"), "6");
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.body, "");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(after.body, "<html>");
  });
}

}  // namespace
}  // namespace seendr::http
