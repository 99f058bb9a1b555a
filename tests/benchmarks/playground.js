// Trains a network as TensorFlow Playground's nn.ts does: neurons and links are objects, one sample after the other.
// Talks JSON, a line each way: a design first; then {"epochs": n} trains, and {} asks for the weights.
"use strict";

const tanh = { output: Math.tanh, der: (x) => { const y = Math.tanh(x); return 1 - y * y; } };
const linear = { output: (x) => x, der: () => 1 };

class Link {
  constructor(source, dest, weight) {
    Object.assign(this, { source, dest, weight, accErrorDer: 0, numAccumulatedDers: 0 });
  }
}

class Node {
  constructor(bias, activation) {
    Object.assign(this, { bias, activation, inputLinks: [], outputs: [], totalInput: 0, output: 0 });
    Object.assign(this, { outputDer: 0, inputDer: 0, accInputDer: 0, numAccumulatedDers: 0 });
  }

  updateOutput() {
    this.totalInput = this.bias;
    for (const link of this.inputLinks) this.totalInput += link.weight * link.source.output;
    this.output = this.activation.output(this.totalInput);
  }
}

function build(weights) {
  const layers = [weights[0][0][0].map(() => new Node(0, linear))];
  weights.forEach(([W, b], i) => {
    const before = layers[layers.length - 1];
    const activation = i === weights.length - 1 ? linear : tanh;
    layers.push(W.map((row, j) => {
      const node = new Node(b[j], activation);
      row.forEach((weight, k) => {
        const link = new Link(before[k], node, weight);
        node.inputLinks.push(link);
        before[k].outputs.push(link);
      });
      return node;
    }));
  });
  return layers;
}

function forward(layers, x) {
  for (let k = 0; k < x.length; k++) layers[0][k].output = x[k];
  for (let i = 1; i < layers.length; i++) for (const node of layers[i]) node.updateOutput();
}

function backward(layers, y) {
  const outputs = layers[layers.length - 1];
  for (let j = 0; j < outputs.length; j++) outputs[j].outputDer = outputs[j].output - y[j];
  for (let i = layers.length - 1; i >= 1; i--) {
    for (const node of layers[i]) {
      node.inputDer = node.outputDer * node.activation.der(node.totalInput);
      node.accInputDer += node.inputDer;
      node.numAccumulatedDers++;
      for (const link of node.inputLinks) {
        link.accErrorDer += node.inputDer * link.source.output;
        link.numAccumulatedDers++;
      }
    }
    if (i === 1) continue;
    for (const node of layers[i - 1]) {
      node.outputDer = 0;
      for (const link of node.outputs) node.outputDer += link.weight * link.dest.inputDer;
    }
  }
}

function update(layers, rate) {
  for (let i = 1; i < layers.length; i++) {
    for (const node of layers[i]) {
      node.bias -= (rate * node.accInputDer) / node.numAccumulatedDers;
      node.accInputDer = node.numAccumulatedDers = 0;
      for (const link of node.inputLinks) {
        link.weight -= (rate * link.accErrorDer) / link.numAccumulatedDers;
        link.accErrorDer = link.numAccumulatedDers = 0;
      }
    }
  }
}

function shuffle(order) {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}

function train({ layers, order, X, Y, batch, rate }, epochs) {
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order);
    for (let i = 0; i < order.length; i++) {
      forward(layers, X[order[i]]);
      backward(layers, Y[order[i]]);
      if ((i + 1) % batch === 0) update(layers, rate);
    }
  }
}

let run = null;
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  let answer = null;
  if (asked.weights) run = { ...asked, layers: build(asked.weights), order: asked.X.map((_, i) => i) };
  else if (asked.epochs) train(run, asked.epochs);
  else answer = run.layers.slice(1).map((layer) => [
    layer.map((node) => node.inputLinks.map((link) => link.weight)), layer.map((node) => node.bias),
  ]);
  process.stdout.write(JSON.stringify(answer) + "\n");
});
