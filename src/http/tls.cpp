#include "http/tls.hpp"

#include <boost/asio/ssl/context.hpp>

namespace seendr::http {

namespace ssl = boost::asio::ssl;

TlsContext make_server_tls(const std::string& certificate_file, const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       SSL_OP_NO_RENEGOTIATION);
  context->use_certificate_chain_file(certificate_file);
  context->use_private_key_file(key_file, ssl::context::pem);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

TlsContext make_unverified_client_tls() {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_none);
  return context;
}

}  // namespace seendr::http
