#include "tests/simulation/node_clients.hpp"

#include "market/signing.hpp"
#include "market/state/records.hpp"

namespace sim {

using market::Message;

namespace {

constexpr std::size_t most_reports = 4;
constexpr std::size_t flood_size = 40;

}  // namespace

NodeClients::NodeClients(ReplicaCluster& cluster, std::uint64_t seed, NodeFaultCounts& counts)
    : cluster_{cluster}, random_{seed ^ 0x5bd1e995u}, counts_{counts}
{
}

std::optional<std::size_t> NodeClients::some_node()
{
    const auto first = below(cluster_.size());
    for (std::size_t k = 0; k < cluster_.size(); ++k)
        if (const auto i = (first + k) % cluster_.size(); cluster_.is_up(i)) return i;
    return {};
}

Bytes NodeClients::signed_for(std::uint8_t person, std::uint64_t nonce, const Message& message,
                              std::uint64_t fee) const
{
    return node::signed_transaction(cluster_.network(), person, nonce, message,
                                    Amount::micros(fee));
}

Message NodeClients::payment(std::uint64_t micros)
{
    return market::Transfer{node::test_account(some_client()), Amount::micros(micros)};
}

const Bytes& NodeClients::open_slot(std::uint8_t person, const Message& message)
{
    auto& slots = people_[person].slots;
    slots.push_back({signed_for(person, slots.size(), message)});
    return slots.back().front();
}

void NodeClients::send(std::size_t node, const Bytes& transaction)
{
    if (cluster_.is_up(node)) static_cast<void>(cluster_.submit(node, transaction));
}

void NodeClients::send(const Bytes& transaction)
{
    if (const auto node = some_node()) send(*node, transaction);
}

void NodeClients::act()
{
    const auto person = some_client();
    auto& slots = people_[person].slots;
    const auto again =
        slots.empty() ? 0 : slots.size() - 1 - below(std::min<std::size_t>(slots.size(), 4));
    switch (slots.empty() ? 0 : below(9)) {
        case 1:
            count(NodeFault::repeated_transaction);
            send(slots[again].front());
            return send(slots[again].front());
        case 2: {
            count(NodeFault::gap);
            open_slot(person, payment(1 + below(50)));
            const auto second = open_slot(person, payment(1 + below(50)));
            send(second);
            return send(slots[slots.size() - 2].front());
        }
        case 3:
            count(NodeFault::replacement);
            slots[again].push_back(signed_for(person, again, payment(2), 20 + below(50)));
            return send(slots[again].back());
        case 4:
            count(NodeFault::double_spend);
            slots[again].push_back(signed_for(person, again, payment(60 + below(9))));
            send(slots[again].front());
            return send(slots[again].back());
        case 5: {
            count(NodeFault::forged_transaction);
            auto forged = signed_for(person, slots.size(), payment(5));
            forged[forged.size() - 1 - below(60)] ^= 4;
            // Over HTTP it is refused before it gets anywhere.
            if (const auto& known = cluster_.checked(forged);
                known && known->envelope.sender == node::test_account(person))
                failure_ = "I4: a forged transaction passes for one of its sender's";
            return;
        }
        case 6: {
            count(NodeFault::overdraft);
            const auto node = some_node();
            if (!node) return;
            const auto all = signed_for(person, nonce_at(*node, person), payment(9'000'000'000));
            if (cluster_.submit(*node, all))
                failure_ = "I4: a pool took a payment of more than there is";
            return;
        }
        default:
            return send(open_slot(person, payment(1 + below(100))));
    }
}

void NodeClients::flood()
{
    const auto person = some_client();
    const auto node = some_node();
    if (!node) return;
    count(NodeFault::flood);
    for (std::size_t i = 0; i < flood_size; ++i) send(*node, open_slot(person, payment(1)));
    // Far beyond the window: refused at once.
    const auto far = signed_for(person, people_[person].slots.size() + 1'000, payment(1));
    if (cluster_.submit(*node, far)) failure_ = "I11: a pool took a nonce beyond its window";
}

void NodeClients::join(std::size_t node)
{
    const auto person = cluster_.node(node).person;
    const auto account = node::test_account(person);
    const auto secret = consensus_key_of(person);
    const auto proof =
        schnorr_sign(secret, market::possession_digest(cluster_.network(), account), Hash{});
    count(NodeFault::join);
    send(open_slot(person, market::ValidatorJoin{consensus_key(secret), cluster_.node(node).key,
                                                 account, Amount::micros(1'000), proof}));
}

void NodeClients::leave(std::size_t node)
{
    count(NodeFault::leave);
    send(open_slot(cluster_.node(node).person, market::ValidatorLeave{}));
}

void NodeClients::change_power(std::size_t node, bool raise, std::uint64_t by)
{
    count(NodeFault::power_change);
    send(open_slot(cluster_.node(node).person,
                   market::ValidatorPower{
                       raise ? market::PowerChange::raise : market::PowerChange::lower, by}));
}

void NodeClients::report(const Evidence& evidence)
{
    if (reports_ == most_reports) return;
    ++reports_;
    count(NodeFault::evidence_sent);
    auto encoded = encode_message(consensus::Message{evidence});
    send(open_slot(first_client, market::ValidatorEvidence{std::move(encoded)}));
}

std::uint64_t NodeClients::nonce_at(std::size_t node, std::uint8_t person) const
{
    return market::View{cluster_.chain(node).state()}
        .get<market::Account>(node::test_account(person))
        .nonce.value;
}

void NodeClients::try_again(std::size_t node)
{
    for (const auto& [person, has] : people_) {
        const auto from = nonce_at(node, person);
        for (auto nonce = from; nonce < has.slots.size() && nonce < from + 16; ++nonce)
            send(node, has.slots[nonce].front());
    }
}

bool NodeClients::is_all_final(std::size_t node) const
{
    for (const auto& [person, has] : people_) {
        auto& used = has.used[node];
        if (used < has.slots.size()) used = nonce_at(node, person);
        if (used < has.slots.size()) return false;
    }
    return true;
}

std::size_t NodeClients::submitted() const
{
    std::size_t sum = 0;
    for (const auto& [person, has] : people_) sum += has.slots.size();
    return sum;
}

}  // namespace sim
