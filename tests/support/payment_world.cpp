#include "tests/support/payment_world.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "node/payment/base64.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;

ledger::Address last_byte(std::uint8_t value)
{
    ledger::Address made;
    made.bytes[19] = value;
    return made;
}

ledger::Hash last_byte_hash(std::uint8_t value)
{
    ledger::Hash made;
    made.bytes[31] = value;
    return made;
}

market::Network make_network()
{
    ledger::Genesis genesis;
    genesis.chain_id = {402'077};
    genesis.asset = {ledger::AssetKind::coin, "MKT", "MKT", "1", 6, last_byte(0xf1)};
    return {genesis, {}};
}

market::PriceSheet make_sheet()
{
    market::PriceSheet sheet;
    sheet.asset = last_byte(0xf1);
    sheet.base = Amount::micros(100);
    sheet.parts = {{market::Unit::row, 3, 1, 300}};
    sheet.min = Amount::micros(1);
    sheet.cap = Amount::micros(1000);
    return sheet;
}

std::string hex(const auto& id)
{
    return ledger::to_hex0x(id.view());
}

}  // namespace

json from_header(const std::string& value)
{
    if (value.empty()) return {};
    return json::parse(ledger::as_text(*from_base64(value)));
}

std::string to_header(const json& value)
{
    return to_base64(ledger::as_bytes(value.dump()));
}

void FakeJournal::commit(JournalBatch batch, Done done)
{
    if (failing) return done(ledger::Error{ledger::ErrorKind::io, "the disk is gone"});
    done(kept_->commit({&batch, 1}));
}

ledger::Result<std::optional<ledger::Bytes>> FakeJournal::get(std::string_view table,
                                                              ledger::ByteView key) const
{
    return kept_->get(table, key);
}

ledger::Result<void> FakeJournal::scan(const ledger::JournalRange& range, const Visit& visit) const
{
    return kept_->scan(range, visit);
}

PaymentNode::PaymentNode(const market::Network& network, const HostIdentity& host,
                         const OfferTerms& terms, FakePaymentLedger& ledger, FakeJournal& journal,
                         ledger::Random& random, const ClaimPolicy& policy,
                         const ShelfLimits& shelf_limits)
    : offers{network, host, terms},
      answers{offers, host, random},
      shelf{journal, shelf_limits},
      settlements{ledger},
      claims{network, host, ledger, book, policy},
      services{network, host, offers, answers, ledger, book, shelf, journal}
{
    EXPECT_TRUE(book.rebuild(journal));
    EXPECT_TRUE(shelf.rebuild());
}

PaymentWorld::PaymentWorld(OfferTerms wanted, ClaimPolicy claim_policy, ShelfLimits limits)
    : network{make_network()},
      payer_key{*ledger::SecretKey::from_bytes(ledger::Bytes(32, 1))},
      payer{ledger::address_of(payer_key)},
      host{last_byte(0xa0), *ledger::SecretKey::from_bytes(ledger::Bytes(32, 2))},
      terms{std::move(wanted)},
      policy{claim_policy},
      shelf_limits{limits}
{
    if (terms.min_deposit.is_zero()) terms.min_deposit = Amount::micros(3000);
    terms.facilitator = last_byte(0xfa);
    ledger.sender = terms.facilitator;
    model.bytes.fill(0x5a);
    const DatedSheet priced{make_sheet(), last_byte_hash(0x11), 0};
    for (std::uint32_t ver : {1u, 2u}) ledger.prices[{model, {ver}}] = {priced};
    for (std::uint32_t ver : {0u, 1u, 2u})
        ledger.splits[market::split_address(model, {ver}, host.host)] = {model, {ver}, host.host};
    ledger.hosts[host.host] = {};
    ledger.balances[payer] = Amount::micros(1'000'000);
    ledger.head_.time = clock.wall();
    node = std::make_unique<PaymentNode>(network, host, terms, ledger, journal, random, policy,
                                         shelf_limits);
}

void PaymentWorld::advance(std::chrono::milliseconds step)
{
    clock.advance(step);
    ledger.head_.time = clock.wall();
}

void PaymentWorld::crash()
{
    ledger.forget_waiters();
    node = std::make_unique<PaymentNode>(network, host, terms, ledger, journal, random, policy,
                                         shelf_limits);
}

PaidResource PaymentWorld::resource(bool by_alias) const
{
    PaidResource made{"http://host/m", "/v2/models/m/infer", model, by_alias, {}};
    made.versions.push_back({{2}, ledger.sheets(model, {2})});
    if (by_alias) made.versions.push_back({{1}, ledger.sheets(model, {1})});
    return made;
}

market::ChannelConfig PaymentWorld::config(std::uint8_t lane, bool line) const
{
    const market::Version ver{line ? 0u : 2u};
    return {payer,
            payer,
            market::split_address(model, ver, host.host),
            host.authorizer,
            last_byte(0xf1),
            {900},
            last_byte_hash(lane)};
}

market::ChannelId PaymentWorld::channel(std::uint8_t lane) const
{
    return market::channel_id(network, config(lane));
}

void PaymentWorld::open_channel(std::uint64_t balance, std::uint8_t lane)
{
    market::Channel opened;
    opened.config = config(lane);
    opened.balance = Amount::micros(balance);
    ledger.channels[channel(lane)] = opened;
}

Amount PaymentWorld::charged(std::uint8_t lane) const
{
    return node->book.charged(channel(lane), claimed_total(ledger.channel(channel(lane))));
}

json PaymentWorld::entry(std::uint64_t amount, x402::Scheme scheme, bool by_alias) const
{
    ledger::SeededRandom any{1};
    auto made = node->offers.make(resource(by_alias), any)[static_cast<std::size_t>(scheme)];
    made["amount"] = std::to_string(amount);
    return made;
}

json PaymentWorld::config_json(const market::ChannelConfig& of) const
{
    return {{"payer", ledger::to_checksum(of.payer)},
            {"payerAuthorizer", ledger::to_checksum(of.payer_authorizer)},
            {"receiver", hex(of.receiver)},
            {"receiverAuthorizer", ledger::to_checksum(of.receiver_authorizer)},
            {"token", hex(of.token)},
            {"withdrawDelay", of.withdraw_delay.value},
            {"salt", hex(of.salt)}};
}

json PaymentWorld::deposit_json(const market::ChannelConfig& of, std::uint64_t amount,
                                std::uint8_t salt, std::uint64_t valid_s) const
{
    market::ChannelDeposit deposit;
    deposit.config = of;
    deposit.amount = Amount::micros(amount);
    deposit.valid_before = clock.wall().value / 1000 + valid_s;
    deposit.salt = last_byte_hash(salt);
    const auto signature = ledger::sign(payer_key, market::deposit_digest(network, deposit));
    json authorization{{"validAfter", "0"},
                       {"validBefore", std::to_string(deposit.valid_before)},
                       {"salt", hex(deposit.salt)},
                       {"signature", hex(signature)}};
    return {{"amount", std::to_string(amount)},
            {"authorization", {{"erc3009Authorization", std::move(authorization)}}}};
}

PaymentWorld::Chain PaymentWorld::chain(std::uint64_t unit, std::uint32_t length, std::uint8_t lane,
                                        std::uint8_t seed) const
{
    Chain made;
    made.links = market::make_links(channel(lane), last_byte_hash(seed), length);
    made.terms = {charged(lane), Amount::micros(unit), length, made.links[0]};
    made.lane = lane;
    return made;
}

std::string PaymentWorld::link(const Chain& chain, const Link& wanted) const
{
    const auto links = market::links_for(Amount::micros(wanted.amount), chain.terms.unit);
    const auto index = wanted.index.value_or(chain.used + static_cast<std::uint32_t>(links));
    json payload{{"channelId", hex(channel(chain.lane))},
                 {"index", index},
                 {"link", hex(index < chain.links.size() ? chain.links[index] : ledger::Hash{})}};
    json accepted{{"scheme", "hash-chain"}, {"amount", std::to_string(wanted.amount)}};
    if (!chain.opened) {
        const auto id = channel(chain.lane);
        const auto digest = market::chain_voucher_digest(network, id, chain.terms);
        payload["channelConfig"] = config_json(config(chain.lane));
        payload["chain"] = ledger::codec::to_json(chain.terms);
        payload["signature"] = hex(ledger::sign(payer_key, digest));
        if (wanted.deposit)
            payload["deposit"] =
                deposit_json(config(chain.lane), *wanted.deposit, wanted.deposit_salt, 600);
        accepted = entry(wanted.amount, x402::Scheme::chain);
    }
    json whole{{"x402Version", 2}, {"payload", payload}, {"accepted", accepted}};
    if (!wanted.payment_id.empty())
        whole["extensions"]["payment-identifier"]["info"] = {{"required", false},
                                                             {"id", wanted.payment_id}};
    if (wanted.change) wanted.change(whole);
    return to_header(whole);
}

std::string PaymentWorld::voucher(const Voucher& wanted) const
{
    auto terms_of_channel = config(wanted.lane);
    if (wanted.change_config) wanted.change_config(terms_of_channel);
    const auto id = market::channel_id(network, terms_of_channel);
    const auto before = node->book.charged(id, claimed_total(ledger.channel(id))).micros();
    const auto max = Amount::micros(wanted.max.value_or(before + wanted.amount));
    const auto signature = ledger::sign(payer_key, market::voucher_digest(network, id, max));

    json payload{
        {"type", wanted.type.empty() ? (wanted.deposit ? "deposit" : "voucher") : wanted.type}};
    payload["channelConfig"] = config_json(terms_of_channel);
    payload["voucher"] = {{"channelId", hex(id)},
                          {"maxClaimableAmount", std::to_string(max.micros())},
                          {"signature", hex(signature)}};
    if (wanted.deposit)
        payload["deposit"] =
            deposit_json(terms_of_channel, *wanted.deposit, wanted.deposit_salt, wanted.valid_s);
    if (wanted.refund) payload["amount"] = *wanted.refund;
    json whole{{"x402Version", 2}, {"payload", payload}, {"accepted", entry(wanted.amount)}};
    if (!wanted.payment_id.empty())
        whole["extensions"]["payment-identifier"]["info"] = {{"required", false},
                                                             {"id", wanted.payment_id}};
    if (wanted.change) wanted.change(whole);
    return to_header(whole);
}

std::string PaymentWorld::exact(const Exact& wanted) const
{
    market::TransferWithAuth transfer;
    transfer.from = payer;
    transfer.to = market::split_address(model, {2}, host.host);
    transfer.value = Amount::micros(wanted.amount);
    transfer.valid_before = clock.wall().value / 1000 + wanted.valid_s;
    transfer.nonce = last_byte_hash(wanted.nonce);
    if (wanted.change) wanted.change(transfer);
    transfer.signature =
        ledger::sign(payer_key, market::transfer_authorization_digest(network, transfer));
    json payload;
    payload["authorization"] = {{"from", ledger::to_checksum(transfer.from)},
                                {"to", hex(transfer.to)},
                                {"value", std::to_string(transfer.value.micros())},
                                {"validAfter", std::to_string(transfer.valid_after)},
                                {"validBefore", std::to_string(transfer.valid_before)},
                                {"nonce", hex(transfer.nonce)}};
    payload["signature"] = hex(transfer.signature);
    json whole{{"x402Version", 2},
               {"payload", payload},
               {"accepted", entry(wanted.amount, x402::Scheme::exact)}};
    if (!wanted.payment_id.empty())
        whole["extensions"]["payment-identifier"]["info"] = {{"required", false},
                                                             {"id", wanted.payment_id}};
    return to_header(whole);
}

std::string PaymentWorld::upto(const Upto& wanted) const
{
    market::PermitSettle permit;
    permit.permitted = {last_byte(0xf1), Amount::micros(wanted.amount)};
    permit.from = payer;
    permit.spender = market::upto_spender;
    permit.nonce = last_byte_hash(wanted.nonce);
    permit.deadline = clock.wall().value / 1000 + wanted.valid_s;
    permit.witness = {market::split_address(model, {2}, host.host), terms.facilitator, 0};
    if (wanted.change) wanted.change(permit);
    permit.signature = ledger::sign(payer_key, market::permit_digest(network, permit));
    const auto nonce = permit.nonce.bytes[31] | permit.nonce.bytes[30] << 8;
    json payload;
    payload["permit2Authorization"] = {
        {"permitted",
         {{"token", hex(permit.permitted.token)},
          {"amount", std::to_string(permit.permitted.amount.micros())}}},
        {"from", ledger::to_checksum(permit.from)},
        {"spender", ledger::to_checksum(permit.spender)},
        {"nonce", std::to_string(nonce)},
        {"deadline", std::to_string(permit.deadline)},
        {"witness",
         {{"to", hex(permit.witness.to)},
          {"facilitator", ledger::to_checksum(permit.witness.facilitator)},
          {"validAfter", std::to_string(permit.witness.valid_after)}}}};
    payload["signature"] = hex(permit.signature);
    json whole{{"x402Version", 2},
               {"payload", payload},
               {"accepted", entry(wanted.amount, x402::Scheme::upto)}};
    if (!wanted.payment_id.empty())
        whole["extensions"]["payment-identifier"]["info"] = {{"required", false},
                                                             {"id", wanted.payment_id}};
    return to_header(whole);
}

std::string PaymentWorld::Reply::header(std::string_view name) const
{
    for (const auto& [key, value] : response.headers())
        if (key == name) return value;
    return {};
}

json PaymentWorld::Reply::required() const
{
    return from_header(header("PAYMENT-REQUIRED"));
}

json PaymentWorld::Reply::paid() const
{
    return from_header(header("PAYMENT-RESPONSE"));
}

std::string PaymentWorld::Reply::error() const
{
    const auto value = required();
    return value.is_null() ? std::string{} : value.value("error", "");
}

PaymentWorld::Reply PaymentWorld::call(const std::string& header, const Script& script)
{
    auto wanted = resource(script.by_alias);
    wanted.path = script.path;
    RequestMachine machine{node->services, std::move(wanted)};
    std::vector<std::string_view> headers;
    if (!header.empty()) headers.push_back(header);
    return carry(machine, machine.start(headers, now()), script);
}

PaymentWorld::Reply PaymentWorld::carry(RequestMachine& machine, Action action,
                                        const Script& script)
{
    Reply reply;
    while (true) {
        if (script.crash_here && script.crash_here()) return reply;
        if (auto* answer = std::get_if<Answer>(&action)) {
            reply.response = std::move(answer->response);
            reply.stage = machine.stage();
            return reply;
        }
        if (std::holds_alternative<ReadBody>(action)) {
            const auto text = ledger::as_bytes(script.body);
            action = machine.on_body({text.begin(), text.end()}, now());
        } else if (std::holds_alternative<Run>(action)) {
            reply.ran = true;
            ++runs;
            if (script.run_too_late) {
                advance(node->services.times.run);
                action = *machine.on_deadline(now());
            } else if (script.run_fails) {
                action = machine.on_ran(Failed{Response::json(500, "{\"error\":\"no\"}")}, now());
            } else {
                Served served{Response::json(200, script.answer), script.ver, {}};
                served.units[static_cast<std::size_t>(market::Unit::row)] = script.rows;
                action = machine.on_ran(std::move(served), now());
            }
        } else if (auto* write = std::get_if<Write>(&action)) {
            std::optional<ledger::Result<void>> written;
            journal.commit(std::move(write->batch),
                           [&](ledger::Result<void> result) { written = std::move(result); });
            if (script.crash_here && script.crash_here()) return reply;
            action = machine.on_written(*written, now());
        } else {
            auto& order = std::get<Settle>(action);
            const auto outcome = std::make_shared<std::optional<Settled>>();
            const auto sent = node->settlements.settle(
                order.key, order.message, [outcome](Settled settled) { *outcome = settled; });
            if (auto failed = machine.on_submitted(sent)) {
                action = std::move(*failed);
                continue;
            }
            if (script.crash_here && script.crash_here()) return reply;
            if (script.halt) ledger.halt();
            if (!script.settle_late)
                while (!*outcome && ledger.settle_next(script.lose)) {
                }
            if (*outcome) {
                action = machine.on_settled(**outcome, now());
            } else {
                advance(std::chrono::seconds{terms.max_timeout_s});
                action = *machine.on_deadline(now());
            }
        }
    }
}

}  // namespace node
