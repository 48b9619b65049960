// `seendr serve` with a certificate of its own.
#include "http/tls.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "support/app_stage.hpp"
#include "support/certificate.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

class TlsServeTest : public testing::Test {
 protected:
  http::ClientTarget target() const {
    http::ClientTarget where;
    const std::string& url = server_.url();
    where.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    where.tls = http::make_unverified_client_tls();
    return where;
  }

  // Whether a handshake of this version comes to its end.
  bool speaks(const std::string& version) const {
    const std::string command =
        "openssl s_client -" + version +
        " -cipher DEFAULT@SECLEVEL=0 -connect 127.0.0.1:" + std::to_string(target().port) +
        " </dev/null >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }

  Certificate files_;
  Backend backend_;
  ServeProcess server_{backend_, {"--tls-cert", files_.certificate(), "--tls-key", files_.key()}};
  Stage stage_;
};

TEST_F(TlsServeTest, MarksTheCookieOfASessionAsSecure) {
  EXPECT_TRUE(server_.url().starts_with("https://")) << server_.url();
  const http::ClientResponse made =
      stage_.call(target(), "POST", "/api/v1/auth/guest", {{"Content-Type", "application/json"}},
                  R"({"adult":true})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string cookie(made.headers.get("Set-Cookie"));
  EXPECT_NE(cookie.find("; Secure"), std::string::npos) << cookie;
}

TEST_F(TlsServeTest, SpeaksNoVersionBefore12) {
  EXPECT_TRUE(speaks("tls1_3"));
  EXPECT_TRUE(speaks("tls1_2"));
  EXPECT_FALSE(speaks("tls1_1"));
}

}  // namespace
}  // namespace seendr::test
