#include "tests/support/tls_node.hpp"

#include "ledger/base/ensure.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <memory>

namespace wallet {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

void add_extension(X509* certificate, int id, const std::string& value)
{
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    ledger::ensure(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1,
                   "an extension is added");
    X509_EXTENSION_free(extension);
}

/// A key and its certificate for `names`, as PEM in two files.
void write_certificate(const std::string& certificate_file, const std::string& key_file,
                       const std::string& names)
{
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> certificate{X509_new(), X509_free};
    auto* made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(made));
    X509_set_pubkey(made, key.get());
    add_extension(made, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made, NID_subject_alt_name, names);
    ledger::ensure(X509_sign(made, key.get(), EVP_sha256()) > 0, "a certificate is signed");
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::fopen(certificate_file.c_str(), "w"),
                                                        std::fclose};
    PEM_write_X509(out.get(), made);
    out.reset(std::fopen(key_file.c_str(), "w"));
    PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace

TlsNode::TlsNode(const std::filesystem::path& folder, const std::string& names)
    : certificate_file_{(folder / "certificate.pem").string()},
      acceptor_{io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}}
{
    const auto key_file = (folder / "key.pem").string();
    write_certificate(certificate_file_, key_file, names);
    context_.use_certificate_file(certificate_file_, asio::ssl::context::pem);
    context_.use_private_key_file(key_file, asio::ssl::context::pem);
    thread_ = std::thread{[this] { serve(); }};
}

TlsNode::~TlsNode()
{
    ended_ = true;
    tcp::socket last{io_};  // wakes the accept
    error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
}

std::string TlsNode::url(const std::string& host) const
{
    return "https://" + host + ":" + std::to_string(acceptor_.local_endpoint().port());
}

void TlsNode::serve()
{
    for (;;) {
        error_code error;
        asio::ssl::stream<tcp::socket> stream{io_, context_};
        acceptor_.accept(stream.next_layer(), error);
        if (error || ended_) return;
        stream.handshake(asio::ssl::stream_base::server, error);
        if (error) continue;
        const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        asked_for_ = name != nullptr ? name : "";
        boost::beast::flat_buffer buffer;
        http::request<http::string_body> request;
        http::read(stream, buffer, request, error);
        if (error) continue;
        ++requests_;
        http::response<http::string_body> answer{http::status::ok, 11, request.body()};
        answer.prepare_payload();
        http::write(stream, answer, error);
        stream.shutdown(error);
    }
}

}  // namespace wallet
