// What the session trusts, and checks everything else against.
#include "wallet/cli/session.hpp"

#include "ledger/base/hex.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace wallet::cli {

std::string time_text(ledger::TimeMs time)
{
    const auto seconds = static_cast<std::time_t>(time.value / 1000);
    std::tm parts{};
    char text[32] = "";
    if (gmtime_r(&seconds, &parts) != nullptr)
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    return text;
}

ledger::TimeMs now_ms()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count())};
}

json proof_json(const ledger::light::FinalBlock& block)
{
    return {{"height", block.header.height.value},
            {"blockId", ledger::to_hex0x(block.id.view())},
            {"stateRoot", ledger::to_hex0x(block.header.state_root.view())},
            {"epoch", block.header.epoch},
            {"timeMs", block.header.time_ms.value},
            {"signatures", block.signatures}};
}

std::string proof_text(const ledger::light::FinalBlock& block)
{
    auto text = "block " + std::to_string(block.header.height.value) + " of " +
                time_text(block.header.time_ms);
    if (block.signatures != 0)
        text += ", signed by " + std::to_string(block.signatures) + " validators of epoch " +
                std::to_string(block.header.epoch);
    return text;
}

CheckpointFile Session::checkpoint_file() const
{
    return {home(), network()->genesis_id};
}

KeptCheckpoint Session::kept_checkpoint() const
{
    if (auto kept = must(checkpoint_file().load())) return std::move(*kept);
    return must(first_checkpoint(*network()));
}

ProofClient& Session::proofs(Stale stale) const
{
    const auto net = network();
    if (!proofs_) {
        kept_ = kept_checkpoint();
        proofs_.emplace(must(ProofClient::begin(client(), *net, kept_->trusted)));
    }
    if (settings.old_checkpoint || !is_too_old(net->genesis, *kept_, now_ms())) return *proofs_;
    const auto text =
        "the checkpoint was last seen to hold at " + time_text(kept_->seen_ms) +
        ", longer ago than the " + std::to_string(net->params().unbonding_s) +
        " s after which validators who left have their stake back: they could show another "
        "history. Get the id of the block that opened the present epoch from somebody you trust: "
        "millrace checkpoint trust ID";
    if (stale == Stale::refuse)
        throw Failure{Fault::unverified,
                      text + "; or go on with --old-checkpoint",
                      {{"checkpointTooOld", true}, {"seenMs", kept_->seen_ms.value}}};
    if (!is_warned_) note("millrace: warning: " + text);
    is_warned_ = true;
    return *proofs_;
}

// A block's time may be ahead of our clock by its proposer's word; our own clock bounds it.
void Session::keep_checkpoint() const
{
    if (!proofs_) return;
    const auto& light = proofs_->light();
    const auto seen = std::max(kept_->seen_ms, std::min(light.newest_time(), now_ms()));
    KeptCheckpoint reached{light.checkpoint(), seen};
    if (reached == *kept_) return;
    must(checkpoint_file().advance(reached));
    kept_ = std::move(reached);
}

}  // namespace wallet::cli
