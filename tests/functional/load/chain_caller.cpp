#include "tests/functional/load/chain_caller.hpp"

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
    : ChannelCaller{parts, x402::Scheme::chain, lane, "chain-" + std::to_string(lane)}
{
    load();
}

void ChainCaller::load()
{
    std::ifstream file{file_};
    std::uint64_t charged = 0, deposited = 0, base = 0, unit = 0, pending = 0;
    std::string seed;
    Chain read;
    if (!(file >> charged >> deposited >> base >> unit >> seed >> read.used >> read.opened >>
          pending))
        return;
    file >> money_.pending;
    money_.charged = Amount::micros(charged);
    money_.deposited = Amount::micros(deposited);
    money_.pending_deposit = Amount::micros(pending);
    read.terms = {Amount::micros(base), Amount::micros(unit), links_of_a_chain, {}};
    read.seed = ledger::id_from_hex<Hash>(seed).value_or(Hash{});
    chain_ = read;
}

void ChainCaller::save() const
{
    // This program is never killed: the file need not be synced.
    std::ofstream{file_ + ".new"} << money_.charged.micros() << " " << money_.deposited.micros()
                                  << " " << chain_.terms.base.micros() << " "
                                  << chain_.terms.unit.micros() << " "
                                  << ledger::to_hex0x(chain_.seed.view()) << " " << chain_.used
                                  << " " << chain_.opened << " " << money_.pending_deposit.micros()
                                  << " " << money_.pending << "\n";
    std::rename((file_ + ".new").c_str(), file_.c_str());
}

std::string ChainCaller::next_payment()
{
    const auto id = market::channel_id(*parts_.network, config());
    auto& terms = chain_.terms;
    const auto links_needed = [&] {
        return static_cast<std::uint32_t>(market::links_for(offer_->amount, terms.unit));
    };
    money_.pending_deposit = {};
    const bool goes_on = !terms.unit.is_zero() && chain_.used + links_needed() <= terms.length &&
                         *market::worth(terms, chain_.used + links_needed()) <= money_.deposited;
    if (!goes_on) {
        ledger::SystemRandom random;
        terms = {money_.charged,
                 Amount::micros(offer_->amount.micros() / links_of_a_ceiling),
                 links_of_a_chain,
                 {}};
        chain_.seed = random.next<Hash>();
        chain_.used = 0;
        chain_.opened = false;
    }
    const auto links = market::make_links(id, chain_.seed, terms.length);
    terms.root = links[0];
    const auto index = chain_.used + links_needed();
    if (chain_.opened) return x402::link_header(offer_->amount, id, index, links[index]);
    const auto deposit = deposit_for(*market::worth(terms, index));
    const auto signature =
        ledger::sign(parts_.key, market::chain_voucher_digest(*parts_.network, id, terms));
    return x402::chain_header(*offer_, resource_, config(), terms, signature, id, index,
                              links[index], deposit);
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
        fault("a link", reply, paid);
        return false;
    }
    count(*paid->record);
    chain_.used +=
        static_cast<std::uint32_t>(market::links_for(paid->record->charged, chain_.terms.unit));
    chain_.opened = true;
    save();
    return true;
}

}  // namespace load
