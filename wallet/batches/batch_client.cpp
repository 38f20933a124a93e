#include "wallet/batches/batch_client.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/secret.hpp"
#include "wallet/client/ledger_client.hpp"

#include <algorithm>
#include <thread>

namespace wallet {
namespace {

namespace transfer = ledger::transfer;
using ledger::Bytes;
using ledger::ByteView;

HttpRequest put_request(std::string target, Bytes body, std::string type)
{
    HttpRequest request;
    request.method = "PUT";
    request.target = std::move(target);
    request.body = std::move(body);
    request.content_type = std::move(type);
    return request;
}

/// How long a busy node asks us to wait, where it does.
std::optional<std::chrono::seconds> patience_of(const HttpReply& reply)
{
    if (reply.status != 429 && reply.status != 503) return {};
    const auto header = reply.header("Retry-After");
    const auto seconds = header ? ledger::codec::parse_decimal(*header) : std::nullopt;
    return std::chrono::seconds{std::clamp<std::uint64_t>(seconds.value_or(1), 1, 60)};
}

Failure no_status(const std::string& why)
{
    return {Fault::failed, "the node does not tell what it has: " + why};
}

}  // namespace

Outcome<HttpReply> BatchClient::send(HttpRequest request) const
{
    if (token_ && !token_->view().empty())
        request.headers.emplace_back("Authorization",
                                     "Bearer " + std::string{ledger::as_text(token_->view())});
    HttpBounds bounds;
    bounds.public_alone = public_alone_;
    const HttpClient client{url_, bounds, trust_};
    auto reply = client.call(request);
    for (unsigned waits = 0; reply && waits < most_waits_; ++waits) {
        const auto wait = patience_of(*reply);
        if (!wait) break;
        std::this_thread::sleep_for(std::min(*wait, longest_wait_));
        reply = client.call(request);
    }
    for (auto& [name, value] : request.headers)
        ledger::wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
    if (reply && (reply->status < 200 || reply->status > 299)) return failure_of(*reply);
    return reply;
}

Outcome<transfer::BatchManifest> BatchClient::manifest(const ledger::Hash& root) const
{
    HttpRequest request;
    request.target = transfer::batch_target(root) + "/manifest";
    const auto reply = send(std::move(request));
    if (!reply) return reply.error();
    auto manifest = transfer::parse_manifest(ledger::as_text(reply->body));
    if (!manifest || manifest->root != root)
        return Failure{Fault::unverified,
                       url_.origin() + " tells of another batch than it was asked for"};
    return std::move(*manifest);
}

Outcome<std::vector<std::string>> BatchClient::providers(const ledger::Hash& root) const
{
    HttpRequest request;
    request.target = transfer::batch_target(root) + "/providers";
    const auto reply = send(std::move(request));
    if (!reply) return reply.error();
    const auto told = ledger::codec::parse_json(ledger::as_text(reply->body), {256 * 1024, 4});
    std::vector<std::string> urls;
    if (told && told->is_object() && told->contains("items") && (*told)["items"].is_array())
        for (const auto& item : (*told)["items"]) {
            if (!item.is_object() || !item.contains("url") || !item["url"].is_string()) continue;
            auto url = item["url"].get<std::string>();
            if (parse_url(url) && std::ranges::find(urls, url) == urls.end())
                urls.push_back(std::move(url));
        }
    return urls;
}

Outcome<transfer::BatchStatus> BatchClient::announce(const BatchManifest& manifest) const
{
    const auto text = manifest_text(manifest);
    const auto reply = send(put_request(transfer::batch_target(manifest.root),
                                        {text.begin(), text.end()}, "application/json"));
    if (!reply) return reply.error();
    auto status = transfer::parse_status(ledger::as_text(reply->body), manifest.summary());
    if (!status) return no_status(status.error().detail);
    return std::move(*status);
}

Outcome<void> BatchClient::put_table(const BatchFolder& batch) const
{
    constexpr auto entry = ledger::sealing::LeafTable::entry_bytes;
    const auto chunks = batch.manifest().chunks;
    for (std::uint64_t first = 0; first < chunks; first += transfer::piece_leaves) {
        const transfer::ChunkRange range{first, std::min(transfer::piece_leaves, chunks - first)};
        const auto part =
            ByteView{batch.leaves().encoded()}.subspan(first * entry, range.count * entry);
        const auto reply =
            send(put_request(transfer::table_target(batch.manifest().root, range),
                             {part.begin(), part.end()}, "application/octet-stream"));
        if (!reply) return reply.error();
    }
    return {};
}

Outcome<transfer::ChunkSet> BatchClient::have(const BatchManifest& manifest) const
{
    transfer::ChunkSet have{manifest.chunks};
    for (std::uint64_t from = 0;;) {
        HttpRequest request;
        request.target = transfer::status_target(manifest.root, from);
        const auto reply = send(std::move(request));
        if (!reply) return reply.error();
        const auto status =
            transfer::parse_status(ledger::as_text(reply->body), manifest.summary());
        if (!status) return no_status(status.error().detail);
        const auto ranges = transfer::ranges_of(*status);
        if (!ranges) return no_status(ranges.error().detail);
        for (const auto& range : *ranges) have.set(range);
        if (!status->next || *status->next <= from) return have;
        from = *status->next;
    }
}

Outcome<std::uint64_t> BatchClient::put(BatchFolder& batch,
                                        const std::function<void(std::uint64_t)>& progress) const
{
    const auto& manifest = batch.manifest();
    const auto status = announce(manifest);
    if (!status) return status.error();
    if (status->leaves != manifest.chunks)
        if (const auto sent = put_table(batch); !sent) return sent.error();
    auto there = have(manifest);
    if (!there) return there.error();
    std::uint64_t sent = 0, done = there->count() * ledger::sealing::sealed_chunk_bytes;
    for (std::uint64_t from = 0;;) {
        const auto range = there->missing(from, transfer::piece_chunks);
        if (range.count == 0) return sent;
        Bytes bytes;
        for (auto i = range.first; i < range.end(); ++i) {
            const auto chunk = batch.read(i);
            if (!chunk) return failure_of(chunk.error());
            ledger::append(bytes, *chunk);
        }
        const auto length = bytes.size();
        const auto reply = send(put_request(transfer::chunks_target(manifest.root, range),
                                            std::move(bytes), "application/octet-stream"));
        if (!reply) return reply.error();
        sent += length;
        done += length;
        progress(done);
        from = range.end();
    }
}

transfer::WebGet BatchClient::get() const
{
    return [url = url_, trust = trust_, public_alone = public_alone_](const transfer::WebCall& call)
               -> ledger::Result<transfer::WebReply, transfer::ProviderFault> {
        HttpBounds bounds;
        bounds.public_alone = public_alone;
        bounds.exchange = call.patience;
        bounds.connect = std::min(bounds.connect, call.patience);
        // A refusal in words may be longer than what was asked for.
        bounds.body_bytes = std::max<std::size_t>(call.most_bytes, transfer::status_bytes);
        HttpRequest request;
        request.target = call.target;
        auto reply = HttpClient{url, bounds, trust}.call(request);
        if (reply) return transfer::WebReply{reply->status, std::move(reply->body)};
        if (reply.error().fault == Fault::timeout) return transfer::ProviderFault::stalled;
        // No HTTP, or more than fits: either way nothing that was asked for.
        if (reply.error().fault == Fault::failed) return transfer::ProviderFault::lied;
        return transfer::ProviderFault::vanished;
    };
}

}  // namespace wallet
