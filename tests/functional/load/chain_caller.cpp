#include "tests/functional/load/chain_caller.hpp"

#include "ledger/crypto/address.hpp"
#include "ledger/crypto/random.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"

#include <cstdio>
#include <fstream>
#include <thread>

namespace load {

using ledger::Amount;
using ledger::Hash;
namespace x402 = wallet::x402;

namespace {

constexpr std::uint32_t links_of_a_chain = 100;
constexpr std::uint64_t links_of_a_ceiling = 8;

}  // namespace

ChainCaller::ChainCaller(const Parts& parts, std::uint64_t lane)
    : parts_{parts}, lane_{lane}, file_{parts.folder + "/chain-" + std::to_string(lane)}
{
    load();
}

void ChainCaller::load()
{
    std::ifstream file{file_};
    std::uint64_t charged = 0, deposited = 0, base = 0, unit = 0, pending = 0;
    std::string seed;
    State read;
    if (!(file >> charged >> deposited >> base >> unit >> seed >> read.used >> read.opened >>
          pending))
        return;
    file >> read.pending;
    read.charged = Amount::micros(charged);
    read.deposited = Amount::micros(deposited);
    read.terms = {Amount::micros(base), Amount::micros(unit), links_of_a_chain, {}};
    read.seed = ledger::id_from_hex<Hash>(seed).value_or(Hash{});
    read.pending_deposit = Amount::micros(pending);
    state_ = read;
}

void ChainCaller::save() const
{
    // This program is never killed: the file need not be synced.
    std::ofstream{file_ + ".new"} << state_.charged.micros() << " " << state_.deposited.micros()
                                  << " " << state_.terms.base.micros() << " "
                                  << state_.terms.unit.micros() << " "
                                  << ledger::to_hex0x(state_.seed.view()) << " " << state_.used
                                  << " " << state_.opened << " " << state_.pending_deposit.micros()
                                  << " " << state_.pending << "\n";
    std::rename((file_ + ".new").c_str(), file_.c_str());
}

bool ChainCaller::ask_for_terms()
{
    const auto reply = parts_.client.http().call(parts_.request({}));
    if (!reply || reply->status != 402) return false;
    const auto header = reply->header("PAYMENT-REQUIRED");
    const auto required = x402::read_required(header.value_or(""), *parts_.network);
    const auto* offer = required ? required->offer_for(x402::Scheme::chain) : nullptr;
    if (offer == nullptr) return false;
    offer_ = *offer;
    resource_ = required->resource;
    return true;
}

std::string ChainCaller::next_payment()
{
    const auto config =
        x402::config_for(*parts_.network, *offer_, ledger::address_of(parts_.key), lane_);
    const auto id = market::channel_id(*parts_.network, config);
    auto& terms = state_.terms;
    const bool has_chain = !terms.unit.is_zero();
    const auto needed =
        has_chain ? static_cast<std::uint32_t>(market::links_for(offer_->amount, terms.unit)) : 0;
    const bool covered =
        has_chain && *market::worth(terms, state_.used + needed) <= state_.deposited;
    std::optional<market::ChannelDeposit> deposit;
    ledger::SystemRandom random;
    state_.pending_deposit = {};
    if (!covered || state_.used + needed > terms.length) {
        terms = {state_.charged,
                 Amount::micros(offer_->amount.micros() / links_of_a_ceiling),
                 links_of_a_chain,
                 {}};
        state_.seed = random.next<Hash>();
        state_.used = 0;
        state_.opened = false;
    }
    const auto links = market::make_links(id, state_.seed, terms.length);
    terms.root = links[0];
    const auto index =
        state_.used + static_cast<std::uint32_t>(market::links_for(offer_->amount, terms.unit));
    if (state_.opened) return x402::link_header(offer_->amount, id, index, links[index]);
    if (*market::worth(terms, index) > state_.deposited) {
        const auto amount = std::max(offer_->min_deposit, *offer_->amount.times(calls_per_deposit));
        deposit = x402::sign_deposit(*parts_.network, config, amount, parts_.now_s() + 600,
                                     random.next<Hash>(), parts_.key);
        state_.pending_deposit = amount;
    }
    const auto signature =
        ledger::sign(parts_.key, market::chain_voucher_digest(*parts_.network, id, terms));
    return x402::chain_header(*offer_, resource_, config, terms, signature, id, index, links[index],
                              deposit);
}

void ChainCaller::pay_for_calls()
{
    if (!offer_ && !ask_for_terms()) return;
    while (!parts_.over()) {
        if (state_.pending.empty()) {
            state_.pending = next_payment();
            save();
        }
        if (!send()) return;
    }
}

bool ChainCaller::send()
{
    const auto reply = parts_.client.http().call(parts_.request(state_.pending));
    if (!reply) return false;  // gone; the next run asks again
    return take(*reply);
}

bool ChainCaller::take(const wallet::HttpReply& reply)
{
    if (reply.status == 503) return false;
    if (reply.status == 202 || reply.status == 429) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return true;
    }
    const auto paid = x402::read_response(reply.header("PAYMENT-RESPONSE").value_or(""));
    if (reply.status != 200 || !paid || !paid->success || !paid->record) {
        parts_.facts.fault("a link was answered with " + std::to_string(reply.status) + " " +
                           std::string{ledger::as_text(reply.body)} +
                           (paid ? paid->error_reason : ""));
        return false;
    }
    const auto& record = *paid->record;
    if (record.charged_cumulative != state_.charged + record.charged)
        parts_.facts.fault("charged twice: " + std::to_string(state_.charged.micros()) + " and " +
                           std::to_string(record.charged.micros()) + " gave " +
                           std::to_string(record.charged_cumulative.micros()));
    parts_.facts.paid(record);
    state_.charged = record.charged_cumulative;
    state_.used += static_cast<std::uint32_t>(market::links_for(record.charged, state_.terms.unit));
    state_.opened = true;
    state_.deposited = state_.deposited + state_.pending_deposit;
    state_.pending_deposit = {};
    state_.pending.clear();
    save();
    return true;
}

}  // namespace load
