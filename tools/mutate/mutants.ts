import ts from 'typescript';

/** A small wrong edit of a source. Its `key` survives other edits of the file, its number does not. */
export interface Mutant {
  readonly id: number;
  readonly line: number;
  /** Where, what and what instead: `rotate: a < b → a <= b`. */
  readonly key: string;
  /** Whether it is run once, when the file is loaded. */
  readonly isStatic: boolean;
}

const SWAPS: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [ts.SyntaxKind.LessThanToken]: ['<=', '>='],
  [ts.SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [ts.SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [ts.SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [ts.SyntaxKind.PlusToken]: ['-'],
  [ts.SyntaxKind.MinusToken]: ['+'],
  [ts.SyntaxKind.AsteriskToken]: ['/'],
  [ts.SyntaxKind.SlashToken]: ['*'],
  [ts.SyntaxKind.PercentToken]: ['*'],
  [ts.SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [ts.SyntaxKind.BarBarToken]: ['&&'],
  [ts.SyntaxKind.QuestionQuestionToken]: ['&&'],
  [ts.SyntaxKind.PlusEqualsToken]: ['-='],
  [ts.SyntaxKind.MinusEqualsToken]: ['+='],
};
const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries({ some: 'every', every: 'some', min: 'max', max: 'min', findLast: 'find', find: 'findLast' }),
);
const SHOWN_MAX = 90;

/**
 * All mutants of a TypeScript file, and its text with all of them inside: `globalThis.mutant` says which one is awake. Texts with a space are for
 * people
 * and left alone, as are types, regular expressions and all that could only end in a loop without end.
 */
export function mutate(text: string): { mutants: Mutant[]; code: string } {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2024, true);
  const mutants: Mutant[] = [];
  const textOf = (node: ts.Node) => node.getText(source);

  const note = (node: ts.Node, was: string, becomes: string): number => {
    const shown = (code: string) => {
      const line = code.replace(/\s+/g, ' ');
      return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
    };
    mutants.push({
      id: mutants.length,
      line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
      key: `${placeOf(node)}: ${shown(was)} → ${shown(becomes)}`,
      isStatic: isStatic(node),
    });
    return mutants.length - 1;
  };

  const emit = (node: ts.Node): string => {
    if (isLeftAlone(node)) return textOf(node);
    let [code, at] = ['', node.getStart(source)];
    ts.forEachChild(node, (child) => {
      code += text.slice(at, child.getStart(source)) + emit(child);
      at = child.getEnd();
    });
    return awake(node, code + text.slice(at, node.getEnd()));
  };

  const awake = (node: ts.Node, code: string): string => {
    if (isRemovable(node)) return `{ if (globalThis.mutant !== ${note(node, textOf(node), '(nothing)')}) { ${code} } }`;
    const others = ts.isExpression(node) ? [...othersOf(node, textOf), ...ofTest(node)] : [];
    return others.length === 0
      ? code
      : `(${others.map((other) => `globalThis.mutant === ${note(node, textOf(node), other)} ? (${other}) : `).join('')}(${code}))`;
  };

  return { code: emit(source), mutants };
}

/** What an expression becomes, each a mutant. */
function othersOf(node: ts.Expression, textOf: (node: ts.Node) => string): string[] {
  if (ts.isBinaryExpression(node))
    return (SWAPS[node.operatorToken.kind] ?? []).map(
      (operator) =>
        `${isCoalesced(node.left) ? `(${textOf(node.left)})` : textOf(node.left)} ${operator} ${textOf(node.right)}`,
    );
  if (ts.isPrefixUnaryExpression(node))
    return node.operator === ts.SyntaxKind.ExclamationToken || node.operator === ts.SyntaxKind.MinusToken
      ? [textOf(node.operand)]
      : [];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ['false'];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ['true'];
  if (ts.isNumericLiteral(node)) return [`${textOf(node)} + 1`];
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
    return node.text.includes(' ') ? [] : [node.text === '' ? "'mutant'" : "''"];
  if (ts.isTemplateExpression(node)) return textOf(node).includes(' ') ? [] : ["''"];
  if (ts.isArrayLiteralExpression(node)) return [node.elements.length === 0 ? '[undefined]' : '[]'];
  if (ts.isObjectLiteralExpression(node)) return node.properties.length === 0 ? [] : ['{}'];
  return ts.isCallExpression(node) && !ts.isOptionalChain(node) && ts.isPropertyAccessExpression(node.expression)
    ? ofCall(node, node.expression, textOf)
    : [];
}

/** What may stand beside `&&` only in parentheses. */
const isCoalesced = (node: ts.Node) =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;

function ofCall(
  node: ts.CallExpression,
  { expression, name }: ts.PropertyAccessExpression,
  textOf: (node: ts.Node) => string,
): string[] {
  if (name.text === 'filter') return [textOf(expression)];
  const other = METHODS.get(name.text);
  return other === undefined ? [] : [`${textOf(expression)}.${other}(${node.arguments.map(textOf).join(', ')})`];
}

/** A condition, always and never. */
function ofTest(node: ts.Expression): string[] {
  const { parent } = node;
  if (
    (ts.isIfStatement(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition === node)
  )
    return ['true', 'false'];
  return (ts.isWhileStatement(parent) || ts.isForStatement(parent)) &&
    (ts.isWhileStatement(parent) ? parent.expression : parent.condition) === node
    ? ['false']
    : [];
}

/** Statements without which the rest still compiles. One that is all an `if` does is left out by its condition. */
function isRemovable(node: ts.Node): boolean {
  if (
    ts.isExpressionStatement(node) &&
    ts.isCallExpression(node.expression) &&
    node.expression.expression.kind === ts.SyntaxKind.SuperKeyword
  )
    return false;
  if (!ts.isExpressionStatement(node) && !ts.isThrowStatement(node) && !ts.isReturnStatement(node)) return false;
  return !(ts.isIfStatement(node.parent) && node.parent.elseStatement === undefined);
}

function isLeftAlone(node: ts.Node): boolean {
  if (ts.isSourceFile(node)) return false;
  if (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isDecorator(node) ||
    ts.isTypeParameterDeclaration(node)
  )
    return true;
  if (ts.isTaggedTemplateExpression(node) || ts.isJSDoc(node)) return true;
  const { parent } = node;
  // A name, though it may be written as a literal; and what is assigned to.
  return (
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
  );
}

function placeOf(node: ts.Node): string {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (
      (ts.isFunctionDeclaration(at) ||
        ts.isMethodDeclaration(at) ||
        ts.isGetAccessorDeclaration(at) ||
        ts.isPropertyDeclaration(at)) &&
      at.name
    )
      return at.name.getText();
    if (ts.isConstructorDeclaration(at)) return 'constructor';
    if (
      ts.isVariableDeclaration(at) &&
      ts.isVariableStatement(at.parent.parent) &&
      ts.isSourceFile(at.parent.parent.parent)
    )
      return at.name.getText();
  }
  return 'file';
}

function isStatic(node: ts.Node): boolean {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent)
    if (
      ts.isFunctionLike(at) ||
      (ts.isPropertyDeclaration(at) && !at.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword))
    )
      return false;
  return true;
}
