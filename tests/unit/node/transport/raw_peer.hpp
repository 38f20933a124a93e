#pragma once

#include "node/transport/frame.hpp"
#include "node/transport/hello.hpp"
#include "node/transport/peer_certificate.hpp"
#include "node/transport/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <string>

namespace node {

/// A peer that does exactly what a test tells it, over OpenSSL's defaults.
class RawPeer {
public:
    struct Options {
        const PeerCertificate* certificate = nullptr;  ///< null: shows none
        const PeerCertificate* second = nullptr;       ///< behind the first
        int version = TLS1_3_VERSION;
        std::string protocol = "\x0amillrace/1";
        const char* groups = "X25519";
    };

    explicit RawPeer(const NetAddress& to) : socket_{io_} { socket_.connect(endpoint_of(to)); }

    /// False when the handshake fails on this side.
    bool secure(const Options& options)
    {
        auto* raw = context_.native_handle();
        SSL_CTX_set_max_proto_version(raw, options.version);
        SSL_CTX_set1_groups_list(raw, options.groups);
        SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
        if (!options.protocol.empty())
            SSL_CTX_set_alpn_protos(raw,
                                    reinterpret_cast<const unsigned char*>(options.protocol.data()),
                                    static_cast<unsigned>(options.protocol.size()));
        if (options.certificate != nullptr) use(*options.certificate, options.second);
        stream_.emplace(socket_, context_);
        boost::system::error_code failed;
        stream_->handshake(asio::ssl::stream_base::client, failed);
        return !failed;
    }

    void send_raw(ledger::ByteView bytes)
    {
        boost::system::error_code ignored;
        if (stream_)
            asio::write(*stream_, asio::buffer(bytes.data(), bytes.size()), ignored);
        else
            asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
    }
    void send(MessageKind kind, ledger::ByteView payload)
    {
        send_raw(*encode_frame(kind, payload));
    }
    void greet(const Hello& hello) { send(message::hello, encode_hello(hello)); }

    /// The next frame; empty once the other side ended.
    std::optional<Frame> read()
    {
        for (;;) {
            while (!unread_.empty()) {
                auto step = splitter_.take(unread_);
                if (!step) return {};
                unread_ = unread_.subspan(step->consumed);
                if (step->frame) return std::move(step->frame);
            }
            boost::system::error_code failed;
            const auto size = stream_->read_some(asio::buffer(buffer_), failed);
            if (failed) return {};
            unread_ = ledger::ByteView{buffer_.data(), size};
        }
    }
    /// Reads to the end; the last goodbye's word.
    std::string read_goodbye()
    {
        std::string word;
        while (const auto frame = read())
            if (frame->kind == message::goodbye) word = ledger::as_text(frame->payload);
        return word;
    }
    asio::ip::tcp::socket& socket() { return socket_; }
    SSL* tls() { return stream_->native_handle(); }

private:
    void use(const PeerCertificate& certificate, const PeerCertificate* second)
    {
        auto* raw = context_.native_handle();
        const auto& der = certificate.certificate;
        SSL_CTX_use_certificate_ASN1(raw, static_cast<int>(der.size()), der.data());
        const auto key = certificate.private_key.view();
        SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, raw, key.data(), static_cast<long>(key.size()));
        if (second != nullptr) {
            const auto* at = second->certificate.data();
            auto* parsed = d2i_X509(nullptr, &at, static_cast<long>(second->certificate.size()));
            SSL_CTX_add_extra_chain_cert(raw, parsed);  // owns it from here on
        }
    }

    asio::io_context io_;
    asio::ip::tcp::socket socket_;
    asio::ssl::context context_{asio::ssl::context::tls};
    std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> stream_;
    FrameSplitter splitter_;
    std::array<std::uint8_t, 16 * 1024> buffer_;
    ledger::ByteView unread_;
};

}  // namespace node
