#include "edge/upload/node_sender.hpp"

#include "edge/outbox/batch_files.hpp"
#include "edge/queue/signed_batch.hpp"
#include "ledger/base/hex.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::to_hex0x;
using namespace ledger::sealing;
using nlohmann::json;

constexpr std::uint64_t piece_bytes = 1 << 20;  // what a node takes at once
constexpr std::uint64_t most_chunks = piece_bytes / sealed_chunk_bytes;
constexpr std::uint64_t piece_leaves = piece_bytes / LeafTable::entry_bytes;
constexpr std::size_t most_answer = 256 * 1024;
constexpr std::size_t most_words = 300;

web::HttpBounds bounds()
{
    web::HttpBounds made;
    made.body_bytes = most_answer;
    return made;
}

std::string target_of(const StoredBatch& batch)
{
    return "/v1/batches/" + to_hex0x(batch.contribution.summary.root.view());
}

std::string range_text(std::uint64_t first, std::uint64_t count)
{
    return count == 1 ? std::to_string(first)
                      : std::to_string(first) + "-" + std::to_string(first + count - 1);
}

json parsed(const web::HttpReply& reply)
{
    return json::parse(reply.body.begin(), reply.body.end(), nullptr, false);
}

/// What a node says is wrong, printable and short: it may be anybody.
std::string words_of(const web::HttpReply& reply)
{
    const auto said = parsed(reply);
    std::string text;
    if (said.is_object() && said.contains("error") && said["error"].is_object()) {
        const auto& message = said["error"].contains("message") ? said["error"]["message"] : json{};
        const auto& detail = said["error"].contains("detail") ? said["error"]["detail"] : json{};
        if (message.is_string()) text = message.get<std::string>();
        if (detail.is_string() && !detail.get_ref<const std::string&>().empty())
            text += ": " + detail.get<std::string>();
    }
    if (text.size() > most_words) text.resize(most_words);
    std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
    return "the node says " + std::to_string(reply.status) + (text.empty() ? "" : ", " + text);
}

/// 409 and 422 are about the batch; all else is about the node, or passes.
Error refusal(const web::HttpReply& reply)
{
    const bool is_of_batch = reply.status == 409 || reply.status == 422;
    return {is_of_batch ? ErrorKind::denied : ErrorKind::unavailable, words_of(reply)};
}

/// "3" or "0-99".
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(const json& text)
{
    if (!text.is_string()) return {};
    const auto& said = text.get_ref<const std::string&>();
    const auto* end = said.data() + said.size();
    std::uint64_t first = 0, last = 0;
    auto read = std::from_chars(said.data(), end, first);
    if (read.ec != std::errc{}) return {};
    last = first;
    if (read.ptr != end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
    if (read.ec != std::errc{} || read.ptr != end || last < first) return {};
    return std::pair{first, last};
}

}  // namespace

/// What the node has of a batch.
struct NodeSender::Progress {
    std::uint64_t leaves = 0;
    bool complete = false;
    std::vector<bool> have;  ///< of each chunk
};

NodeSender::NodeSender(web::NodeUrl url, web::HttpTrust trust, const ledger::PublicKey& device,
                       Now now)
    : client_{std::move(url), bounds(), std::move(trust)},
      device_{device},
      now_{std::move(now)},
      piece_chunks_{most_chunks}
{
}

std::optional<Error> NodeSender::rests(std::uint64_t number) const
{
    const auto refused = refused_.find(number);
    if (refused != refused_.end() && now_() < refused->second.until) return refused->second.why;
    if (now_() < not_before_) return last_;
    return {};
}

bool NodeSender::may_take_long(std::uint64_t number) const
{
    return !rests(number);
}

Result<void> NodeSender::send(const StoredBatch& batch)
{
    const auto number = batch.contribution.batch;
    if (const auto why = rests(number)) return *why;
    auto done = deliver(batch);
    const bool is_of_batch = !done && (done.error().kind == ErrorKind::corrupt ||
                                       done.error().kind == ErrorKind::denied);
    if (!done && done.error().kind == ErrorKind::denied)
        refused_.insert_or_assign(number, Refusal{now_() + rest_of_refused, done.error()});
    if (done || is_of_batch) {
        last_.reset();
        rest_ = std::chrono::seconds{0};
        return done;
    }
    rest_ = std::clamp(2 * rest_, first_rest, longest_rest);
    not_before_ = now_() + rest_;
    last_ = done.error();
    return done;
}

/// From every byte of the batch, once.
Result<const Bytes*> NodeSender::leaves_of(const StoredBatch& batch)
{
    const auto& signed_root = batch.contribution.summary.root;
    if (checked_ && checked_->first == signed_root) return &checked_->second;
    Bytes leaves;
    const auto root =
        root_of(*batch.file, batch.image, [&](ledger::ByteView, const Leaf& leaf) -> Result<void> {
            LeafTable::append(leaves, leaf);
            return {};
        });
    if (!root) return root.error();
    if (*root != signed_root)
        return Error{ErrorKind::corrupt, "the batch is not the one that was signed"};
    checked_.emplace(signed_root, std::move(leaves));
    return &checked_->second;
}

Result<void> NodeSender::deliver(const StoredBatch& batch)
{
    if (const auto leaves = leaves_of(batch); !leaves) return leaves.error();
    const auto waits = announce(batch);
    if (!waits) return waits.error();
    if (*waits)
        if (const auto done = bring(batch); !done) return done;
    const auto there = progress(batch);
    if (!there) return there.error();
    if (there->complete) return {};
    return Error{ErrorKind::unavailable, "the node has not got all of the batch"};
}

Result<void> NodeSender::bring(const StoredBatch& batch)
{
    web::HttpRequest manifest{"PUT", target_of(batch)};
    const auto text = manifest_text(batch);
    manifest.body.assign(text.begin(), text.end());
    if (const auto put = ask(std::move(manifest)); !put) return put.error();
    const auto there = progress(batch);
    if (!there) return there.error();
    if (there->leaves < there->have.size()) {
        const auto leaves = leaves_of(batch);
        if (!leaves) return leaves.error();
        if (const auto put = put_table(batch, **leaves, there->leaves); !put) return put;
    }
    return there->complete ? Result<void>{} : put_chunks(batch, *there);
}

/// Whether the node waits for the batch, or the ledger has it and the node all of its bytes: what
/// the device signed is there when this returns.
Result<bool> NodeSender::announce(const StoredBatch& batch)
{
    web::HttpRequest request{
        "POST", "/v1/datasets/" + to_hex0x(batch.contribution.dataset.view()) + "/inbox"};
    const auto text = "{\"contribution\": " + contribution_text(batch, device_) +
                      ", \"manifest\": " + manifest_text(batch) + "}";
    request.body.assign(text.begin(), text.end());
    const auto reply = ask(std::move(request));
    if (!reply) return reply.error();
    const auto said = parsed(*reply);
    const auto state = said.is_object() && said.contains("state") ? said["state"] : json{};
    if (state == "waiting") return true;
    if (state == "contributed") return false;
    return Error{ErrorKind::unavailable, "the node says neither that it waits nor that it has it"};
}

Result<NodeSender::Progress> NodeSender::progress(const StoredBatch& batch)
{
    const auto chunks = batch.contribution.summary.chunks;
    Progress made;
    made.have.assign(chunks, false);
    for (std::uint64_t from = 0; from < chunks;) {
        const auto reply = ask({"GET", target_of(batch) + "?from=" + std::to_string(from), {}, {}});
        if (!reply) return reply.error();
        const auto said = parsed(*reply);
        const auto* have = said.is_object() && said.contains("have") ? &said["have"] : nullptr;
        if (!have || !have->is_array() || !said.contains("leaves") ||
            !said["leaves"].is_number_unsigned() || !said.contains("complete"))
            return Error{ErrorKind::unavailable, "the node does not say what it has of the batch"};
        made.leaves = std::min(said["leaves"].get<std::uint64_t>(), chunks);
        made.complete = said["complete"] == true;
        for (const auto& text : *have) {
            const auto range = range_of(text);
            if (!range || range->second >= chunks) break;
            std::fill(made.have.begin() + static_cast<std::ptrdiff_t>(range->first),
                      made.have.begin() + static_cast<std::ptrdiff_t>(range->second) + 1, true);
        }
        const auto next = said.contains("next") ? said["next"] : json{};
        if (!next.is_number_unsigned() || next.get<std::uint64_t>() <= from) break;
        from = next.get<std::uint64_t>();
    }
    return made;
}

Result<void> NodeSender::put_table(const StoredBatch& batch, const Bytes& leaves,
                                   std::uint64_t from)
{
    const auto all = batch.contribution.summary.chunks;
    for (auto first = from; first < all;) {
        const auto count = std::min(piece_leaves, all - first);
        web::HttpRequest request{"PUT", target_of(batch) + "/table/" + range_text(first, count)};
        const auto begin =
            leaves.begin() + static_cast<std::ptrdiff_t>(first * LeafTable::entry_bytes);
        request.body.assign(begin,
                            begin + static_cast<std::ptrdiff_t>(count * LeafTable::entry_bytes));
        request.content_type = "application/octet-stream";
        if (const auto put = ask(std::move(request)); !put) return put.error();
        first += count;
    }
    return {};
}

Result<void> NodeSender::put_chunks(const StoredBatch& batch, const Progress& there)
{
    const auto all = batch.contribution.summary.chunks;
    for (std::uint64_t first = 0; first < all;) {
        std::uint64_t count = 0;
        while (count < piece_chunks_ && first + count < all && !there.have[first + count]) ++count;
        if (count == 0) {
            ++first;
            continue;
        }
        auto bytes =
            batch.image.read(*batch.file, first * sealed_chunk_bytes, count * sealed_chunk_bytes);
        if (!bytes) return bytes.error();
        web::HttpRequest request{"PUT", target_of(batch) + "/chunks/" + range_text(first, count)};
        request.body = std::move(*bytes);
        request.content_type = "application/octet-stream";
        if (const auto put = ask(std::move(request)); !put) {
            // The line may be too slow for so much at once.
            piece_chunks_ = std::max<std::uint64_t>(1, piece_chunks_ / 2);
            return put.error();
        }
        first += count;
    }
    piece_chunks_ = std::min(most_chunks, 2 * piece_chunks_);
    return {};
}

Result<web::HttpReply> NodeSender::ask(web::HttpRequest request)
{
    auto reply = client_.call(request);
    if (!reply) return Error{ErrorKind::unavailable, reply.error().message};
    if (reply->status >= 300) return refusal(*reply);
    return std::move(*reply);
}

}  // namespace edge
