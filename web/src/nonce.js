/**
 * Lets the editor's styles pass the Content-Security-Policy.
 *
 * Monaco writes its colours into <style> elements that it makes itself, and knows no nonce. Each
 * gets the one of this page; styles that are injected as HTML have none and stay refused.
 */
const { nonce } = document.querySelector("link[nonce]");
const createElement = document.createElement;

document.createElement = function (name, ...options) {
  const element = createElement.call(this, name, ...options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};
