// TLS settings of a server or a client, made once and shared by its connections.
#pragma once

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace seendr::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 and later. Throws system_error when a file is missing or the two do not fit.
TlsContext make_server_tls(const std::string& certificate_file, const std::string& key_file);

// Verifies nothing: for tests and load generators only.
TlsContext make_unverified_client_tls();

}  // namespace seendr::http
